package ui

import (
	"wtptui/engine"
	"wtptui/ui/dialog"
	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// typedAddress checks and explains the address that is typed into the add prompt.
type typedAddress struct {
	theme *theme.Theme
	// rewritten is the wtp address that was made from a web address; empty for none.
	rewritten string
}

// check returns what is wrong with an address.
func (*typedAddress) check(text string) error {
	_, err := engine.ParseAddress(text)
	return err
}

// rewrite replaces a web address by the corresponding wtp address, for the person to see and to accept. It reports
// whether there was a web address.
func (t *typedAddress) rewrite(f *dialog.Form) bool {
	wtp, isWeb := engine.WTPURLFromWeb(f.Text())
	if isWeb {
		t.rewritten = wtp
		f.SetText(wtp)
	}
	return isWeb
}

// below returns what the address is, or what can be typed.
func (t *typedAddress) below(text string, w int) []string {
	if text == "" {
		return []string{
			t.theme.Dim.Render(format.Cut("wtp://tomjwatson.com/   an infohash   a domain", w)),
			t.theme.Dim.Render(format.Cut("magnet:?xt=urn:btih:…   ~/Downloads/site.torrent", w)),
		}
	}
	a, err := engine.ParseAddress(text)
	if err != nil {
		return nil // It is still being typed.
	}
	var lines []string
	if text == t.rewritten {
		lines = dialog.Wrap("⚠ That was a web address. Enter adds this wtp address instead.", w, t.theme.Warn)
	}
	what := "a site of this server"
	switch {
	case a.TorrentFile != "":
		what = "the file " + format.CutLeft(a.TorrentFile, w-11)
	case a.Host != "":
		what = "the site " + format.Host(a.Host, w-11)
	}
	return append(lines, format.Cut(t.theme.Good.Render("✓")+" "+what, w))
}
