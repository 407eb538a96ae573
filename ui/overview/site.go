package overview

import (
	"fmt"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// writeIdentity writes the site's state, title and addresses.
func (f *facts) writeIdentity(b *lines) {
	s := f.detail.Site
	st := badge.ForSite(s, f.theme)
	state := st.Style.Render(st.Text())
	if s.State == engine.Downloading || s.Checking {
		state += fmt.Sprintf("  %s of %s", format.Bytes(s.Completed), format.Bytes(s.Size))
	}
	b.addRow("State", state)
	if s.Machine != "" {
		machine := format.Text(s.Machine)
		if s.Away {
			machine += f.theme.Warn.Render("  away: this is how it was last")
		}
		b.addRow("Machine", machine)
	}
	if choices := badge.FoundChoices(s, f.keys); choices != "" {
		b.addWrapped("", choices, f.theme.Warn)
	}
	switch text, bad := badge.ProblemInSentence(s); {
	case bad:
		b.addWrapped("", "✗ "+format.Text(text), f.theme.Bad)
	case text != "" && text != engine.FoundAwaiting: // The choices say it better.
		b.addWrapped("", format.Text(text), f.theme.Dim)
	}
	if s.MissingParts > 0 {
		b.addWrapped("", "⚠ "+badge.MissingParts(s)+" "+format.Text(s.MissingPage), f.theme.Warn)
	}
	if s.Title != "" {
		b.addWrapped("Title", format.Text(s.Title), "")
	}
	b.addAddress("Address", s.URL)
	b.addAddress("Local", s.LocalURL)
	f.writePublicURLs(b)
	b.addAddress("Infohash", s.Infohash)
}

// writePublicURLs writes where anybody can open the site, and what its homes have served.
func (f *facts) writePublicURLs(b *lines) {
	url := f.detail.Site.PublicURL
	isHome := func(h engine.Home) bool { return h.SiteRef() == f.detail.Site.Ref() && h.URL == url }
	if url != "" && !slices.ContainsFunc(f.homes, isHome) {
		b.addAddress("Public at", url)
	}
	for _, h := range f.homes {
		if h.SiteRef() != f.detail.Site.Ref() {
			continue
		}
		dot := " · "
		if f.theme.ASCII {
			dot = ", "
		}
		usage := f.theme.Dim.Render(format.Plural(int(h.Requests), "request") + dot + format.Bytes(h.Bytes) + " by HTTP" +
			dot +
			format.Bytes(h.Uploaded) + " to peers")
		if h.Off {
			usage = f.theme.Warn.Render("taken off") + ": visitors get 410 Gone"
		}
		if url := format.Text(h.URL); format.Width(url+"  "+usage) <= b.valueWidth() {
			b.addRow("Public at", url+"  "+usage)
			continue
		}
		b.addAddress("Public at", h.URL)
		b.addRow("", usage)
	}
}

// writeContent writes how much of the site is here, and for how long.
func (f *facts) writeContent(b *lines) {
	s := f.detail.Site
	b.addRow("Size", f.sizeText())
	b.addRow("Pieces", f.piecesBar(b.valueWidth()))
	b.addRow("Kept", f.expiryText())
	added := f.theme.Dim.Render("   added " + format.DateTime(s.AddedAt.Std(), f.now))
	b.addRow("Opened", format.Ago(s.LastOpen.Std(), f.now)+added)
	clearnet := "○ open: its pages may ask other servers"
	if s.NoClearnet {
		clearnet = f.theme.Warn.Render("● closed") + ": its pages may ask no other server"
	}
	b.addChoice("Clearnet", clearnet, SiteAction{Toggle: keys.NoClearnet})
	if !f.detail.CheckedAt.IsZero() {
		b.addRow("Checked", format.Ago(f.detail.CheckedAt.Std(), f.now)+f.theme.Dim.Render("   all of it, on the disk"))
	}
}

func (f *facts) sizeText() string {
	s := f.detail.Site
	if s.Size < 0 {
		return f.theme.Dim.Render("not known yet")
	}
	text := format.Bytes(s.Size) + " in " + format.Plural(s.Files, "file")
	if name := format.Text(f.detail.Name); name != "" && name != s.Host && name != format.Text(s.Title) {
		text += f.theme.Dim.Render("   named ") + name
	}
	return text
}

func (f *facts) expiryText() string {
	s := f.detail.Site
	switch {
	case s.State == engine.Found:
		return f.theme.Warn.Render("◇ found") + ": never deleted unless you remove it"
	case s.Pinned:
		return f.theme.Pinned.Render("★ pinned") + ": seeded for ever"
	case s.ExpiresAt.IsZero():
		return "until the end of this run"
	case s.InUse:
		return "in use now, and for a while after"
	}
	return "expires in " + format.Countdown(s.ExpiresAt.Std().Sub(f.now)) + f.theme.Dim.Render(" unless opened or pinned")
}

// piecesBar draws all pieces as one bar.
func (f *facts) piecesBar(w int) string {
	n := f.detail.Pieces.Count
	if n == 0 || len(f.detail.Pieces.Runs) == 0 {
		return f.theme.Dim.Render("not known yet")
	}
	text := fmt.Sprintf(" %s of %s", format.Count(n), format.Bytes(f.detail.Pieces.Length))
	return drawPiecesBar(f.detail.Pieces, max(min(w-format.Width(text), 60), 1), f.theme) + f.theme.Dim.Render(text)
}

// drawPiecesBar draws at most w cells, each full when all its pieces are here, and empty when none is.
func drawPiecesBar(p engine.Pieces, w int, th *theme.Theme) string {
	var b strings.Builder
	w = min(w, p.Count)
	run, left := 0, p.Runs[0].Count
	for c := range w {
		have, begun, total := 0, 0, (c+1)*p.Count/w-c*p.Count/w
		for range total {
			for left == 0 && run+1 < len(p.Runs) {
				run++
				left = p.Runs[run].Count
			}
			left--
			switch p.Runs[run].State {
			case engine.PieceComplete:
				have++
			case engine.PiecePartial, engine.PieceChecking:
				begun++
			case engine.PieceMissing:
			}
		}
		switch {
		case have == total:
			b.WriteString("█")
		case have+begun > 0:
			b.WriteString("▓")
		default:
			b.WriteString("░")
		}
	}
	return th.Good.Render(b.String())
}
