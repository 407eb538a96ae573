package ui

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/dialog"
	"wtptui/ui/format"
)

// copiedMsg reports which clipboard has a copied text; where is empty when none has confirmed it.
type copiedMsg struct{ text, where string }

// clipboard copies the names and addresses of sites.
type clipboard struct {
	cfg    *Config
	conn   *connection
	screen *screen
}

// copyText copies text to a clipboard that confirms it, or else to the terminal's, which never does.
func (c *clipboard) copyText(text string) tea.Cmd {
	copyConfirmed, ctx := c.cfg.Copy, c.conn.ctx
	if copyConfirmed == nil {
		return c.sendToTerminal(text)
	}
	return guardPanic(func() tea.Msg {
		where, err := copyConfirmed(ctx, text)
		if err != nil {
			where = ""
		}
		return copiedMsg{text, where}
	})
}

// handleCopied shows where a text is now, or tries the next clipboard.
func (c *clipboard) handleCopied(msg copiedMsg) tea.Cmd {
	if msg.where == "" {
		return c.sendToTerminal(msg.text)
	}
	verb := " is in "
	if strings.Contains(msg.text, "\n") {
		verb = " are in "
	}
	c.screen.toast.Show(engine.Info, toastText(msg.text)+verb+msg.where)
	return nil
}

// sendToTerminal uses OSC 52, which is never answered. If the terminal is known not to support it the text is shown
// instead.
func (c *clipboard) sendToTerminal(text string) tea.Cmd {
	if !c.cfg.supportsClipboard() {
		if c.screen.windows.shown == nil {
			lines := []string{"This terminal has no clipboard that a program can use: select the text and copy it. esc closes."}
			shown := strings.ReplaceAll(text, "\n", "  ")
			nothing := func() tea.Cmd { return nil }
			c.screen.windows.shown = dialog.NewAddress(c.screen.theme, "Copy by hand", shown, lines, nothing)
		}
		return nil
	}
	c.screen.toast.Show(engine.Info, toastText(text)+" sent to the terminal")
	return tea.SetClipboard(text)
}

// toastText returns a text for a toast.
func toastText(text string) string {
	if n := strings.Count(text, "\n"); n > 0 {
		return format.Plural(n+1, "line")
	}
	return text
}

// copyURLs copies the wtp addresses of the targets.
func (c *clipboard) copyURLs() tea.Cmd {
	return c.copyEach(func(s engine.Site) string { return s.URL })
}

// copyEach copies something of each target, one a line; what a site does not have is left out.
func (c *clipboard) copyEach(value func(engine.Site) string) tea.Cmd {
	var lines []string
	sites := c.screen.targets()
	for _, s := range sites {
		if text := value(s); text != "" {
			lines = append(lines, text)
		}
	}
	switch {
	case len(sites) == 0:
		return nil
	case len(lines) == 0:
		c.screen.toast.Show(engine.Warning, "There is nothing to copy yet")
		return nil
	}
	return c.copyText(strings.Join(lines, "\n"))
}

// openMenu opens the menu of all names and addresses of a site.
func (c *clipboard) openMenu() {
	sites := c.screen.targets()
	if len(sites) == 0 {
		return
	}
	hint := func(value func(engine.Site) string) string {
		if len(sites) > 1 {
			return format.Plural(len(sites), "site")
		}
		if text, _, _ := strings.Cut(value(sites[0]), "\n"); text != "" {
			return text
		}
		return "–"
	}
	item := func(key, label string, value func(engine.Site) string) dialog.Line {
		return dialog.Line{
			Key: key, Label: label, Detail: hint(value), Do: func() tea.Cmd { return c.copyEach(value) },
		}
	}
	file, hasFile := c.screen.fileURL()
	hasFile = hasFile && len(sites) == 1
	if !hasFile {
		file = ""
	}
	items := []dialog.Line{
		item("w", "wtp address", func(s engine.Site) string { return s.URL }),
		c.publicLinkLine(sites, file),
		item("m", "magnet link", c.magnetLink),
		item("i", "infohash", func(s engine.Site) string { return s.Infohash }),
		item("l", "local address", func(s engine.Site) string { return s.LocalURL }),
		c.recordsLine(sites),
	}
	if slices.ContainsFunc(sites, func(s engine.Site) bool { return engine.IsKey(s.Host) }) {
		items = append(items, item("p", "key", pkarrURL), item("b", "magnet of its key", keyMagnet))
	}
	if hasFile {
		items = slices.Insert(items, 5, dialog.Line{
			Key: "f", Label: "this file", Detail: file, Do: func() tea.Cmd { return c.copyText(file) },
		})
	}
	c.screen.windows.openMenu("Copy", items, 0)
}

// noPublicLink is shown for a site that can be opened only with wtptui.
const noPublicLink = "none yet"

// howToLink is how to make a link for anyone.
const howToLink = "`wtptui serve --home NAME` or `wtptui publish --loader DIR` makes one"

// publicLinkLine returns the menu line of the links that any browser opens: to the sites, or to the page or file of the
// only one, whose local address is passed.
func (c *clipboard) publicLinkLine(sites []engine.Site, local string) dialog.Line {
	link := func(s engine.Site) string { return s.PublicPageURL(local) }
	linked := 0
	for _, s := range sites {
		if s.PublicURL != "" {
			linked++
		}
	}
	it := dialog.Line{
		Key: "a", Label: "a link for anyone", Do: func() tea.Cmd { return c.copyEach(link) },
	}
	switch {
	case linked == 0:
		it.Detail = noPublicLink
		it.Do = func() tea.Cmd {
			c.screen.toast.Show(engine.Warning, "No link for anyone yet: "+howToLink)
			return nil
		}
	case len(sites) == 1:
		it.Detail = link(sites[0])
	case linked < len(sites):
		it.Detail = fmt.Sprintf("%d of %s", linked, format.Plural(len(sites), "site"))
	default:
		it.Detail = format.Plural(len(sites), "site")
	}
	return it
}

// magnetLink returns a site's magnet link (BEP 9), by which any torrent client finds it, with the tracker of the homes.
func (c *clipboard) magnetLink(s engine.Site) string {
	if s.Infohash == "" {
		return ""
	}
	link := "magnet:?xt=urn:btih:" + s.Infohash
	if s.Title != "" {
		link += "&dn=" + escape(s.Title)
	}
	for _, u := range c.conn.snap.Status.TrackerURLs(s) {
		link += "&tr=" + escape(u)
	}
	return link
}

// escape escapes text for a URL's query.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
