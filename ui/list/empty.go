package list

import (
	"strings"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
)

// empty explains why there is nothing to see and what to do about it.
func (p *Pane) empty(w, h int) string {
	var lines []string
	switch {
	case len(p.rows.all) == 0:
		lines = p.first()
	case p.rows.find.text != "":
		lines = []string{
			"The filter “" + format.Cut(format.Text(p.rows.find.text), 30) + "” picks no site here.", "",
			p.key(p.Keys.Of(keys.Back), "clears the filter"),
		}
		if p.rows.view != All {
			lines = append(lines, p.key(p.Keys.Of(keys.One), "looks among all sites"))
		}
	default:
		lines = []string{map[View]string{
			Pinned:  "Nothing is pinned. A pinned site is kept and seeded for ever.",
			Cached:  "Nothing is cached: all sites are pinned.",
			Loading: "Nothing is loading.",
			Mine:    "Nothing has been published from here.",
		}[p.rows.view], ""}
		if p.rows.view == Pinned {
			lines = append(lines, p.key(p.Keys.Of(keys.Pin), "pins the selected site"))
		}
		lines = append(lines, p.key(p.Keys.Of(keys.One), "shows all sites"))
	}
	return middle(lines, w, h)
}

// first teaches a beginner three things to do.
func (p *Pane) first() []string {
	lines := []string{
		p.Theme.Strong.Render("There is no site yet. Three things to do:"), "",
		p.key(p.Keys.Of(keys.Add), "adds a site: try wtp://tomjwatson.com/"),
		p.key("paste", "an address, a magnet link or the path of a .torrent file, anywhere"),
	}
	if p.serve != "" {
		lines = append(lines, p.key("browse", p.serve+"wtp/tomjwatson.com/ in any browser"), "")
	}
	return append(lines, p.key(p.Keys.Of(keys.ShowHelp), "shows all keys"))
}

func (p *Pane) key(name, does string) string {
	return p.Theme.Accent.Render(format.FitRight(name, max(6, format.Width(name)))) + "  " + does
}

// middle puts a block of lines into the middle, keeping their common left edge.
func middle(lines []string, w, h int) string {
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
