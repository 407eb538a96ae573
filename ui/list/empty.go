package list

import (
	"strings"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// emptyText is why there is nothing to see, and what to do about it.
type emptyText struct {
	theme    *theme.Theme
	keys     *keys.Map
	serveURL string // the loopback server's root, or empty
}

// emptyReasons are the reasons why a view has no site.
var emptyReasons = map[View]string{
	Pinned:  "Nothing is pinned. A pinned site is kept and seeded for ever.",
	Cached:  "Nothing is cached: all sites are pinned.",
	Loading: "Nothing is loading.",
	Mine:    "Nothing has been published from here.",

	Endangered: "No site is endangered: as far as is known, each has two copies elsewhere.",
	Errors:     "No site has an error.",
}

// draw draws the text in the middle of w by h cells.
func (e emptyText) draw(rows *arrangement, w, h int) string {
	var lines []string
	switch {
	case len(rows.all) == 0:
		lines = e.firstSteps()
	case rows.filter.text != "":
		lines = []string{
			"No site here matches the filter “" + format.Cut(format.Text(rows.filter.text), 30) + "”.", "",
			e.keyLine(e.keys.FirstKey(keys.Back), "clears the filter"),
		}
		if rows.view != All {
			lines = append(lines, e.keyLine(e.keys.FirstKey(keys.One), "searches all sites"))
		}
	default:
		lines = []string{emptyReasons[rows.view], ""}
		if rows.view == Pinned {
			lines = append(lines, e.keyLine(e.keys.FirstKey(keys.Pin), "pins the selected site"))
		}
		lines = append(lines, e.keyLine(e.keys.FirstKey(keys.One), "shows all sites"))
	}
	return centered(lines, w, h)
}

// firstSteps returns three things that a beginner can do.
func (e emptyText) firstSteps() []string {
	lines := []string{
		e.theme.Strong.Render("There is no site yet. Three things to do:"), "",
		e.keyLine(e.keys.FirstKey(keys.Add), "adds a site: try wtp://tomjwatson.com/"),
		e.keyLine("paste", "an address, a magnet link or the path of a .torrent file, anywhere"),
	}
	if e.serveURL != "" {
		lines = append(lines, e.keyLine("browse", e.serveURL+"wtp/tomjwatson.com/ in any browser"), "")
	}
	return append(lines, e.keyLine(e.keys.FirstKey(keys.ShowHelp), "shows all keys"))
}

func (e emptyText) keyLine(name, does string) string {
	return e.theme.Accent.Render(format.FitRight(name, max(6, format.Width(name)))) + "  " + does
}

// centered draws a block of lines in the middle, keeping their common left edge.
func centered(lines []string, w, h int) string {
	width := 0
	for _, l := range lines {
		width = max(width, format.Width(l))
	}
	left := format.Blank((w - width) / 2)
	var b strings.Builder
	b.WriteString(strings.Repeat("\n", max((h-len(lines))/2, 0)))
	for _, l := range lines {
		b.WriteString(left + l + "\n")
	}
	return layout.Block(b.String(), w, h)
}
