package palette

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/dialog"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

const (
	// width is the largest inner width of the window, in cells, and rows the number of entries that it shows.
	width = 96
	rows  = 18
	// maxShown is how many of those that match equally well are listed: whoever looks for another one types more.
	maxShown = 100
)

// Pane is the palette.
type Pane struct {
	*dialog.List
	theme   *theme.Theme
	entries []Entry
	sites   Sites
	// candidates are the searched texts of entries, and then of sites.
	candidates []candidate
	// shown are the indices of the candidates that match, the best first, and total is how many match.
	shown []int
	total int
}

// New returns a palette of entries and sites. Of entries that match equally well, those that cannot be done now come
// last.
func New(th *theme.Theme, entries []Entry, sites Sites) *Pane {
	p := &Pane{theme: th, sites: sites}
	var impossible []Entry
	for _, e := range entries {
		if e.WhyNot == "" {
			p.entries = append(p.entries, e)
		} else {
			impossible = append(impossible, e)
		}
	}
	p.entries = append(p.entries, impossible...)
	for i := range p.entries {
		p.candidates = append(p.candidates, newCandidate(&p.entries[i]))
	}
	p.candidates = append(p.candidates, siteCandidates(sites.All)...)
	p.search("")
	p.List = dialog.NewList(dialog.List{
		Theme: th, Title: "Actions, sites, views and settings", Scopes: "palette", Width: width,
		Filter:    &dialog.Filter{Changed: p.search, CountText: p.countText},
		Load:      func() []dialog.Line { return make([]dialog.Line, len(p.shown)) },
		MaxRows:   func() int { return rows },
		DrawLine:  func(i, w int, selected bool) string { return p.drawLine(p.entryAt(i), w, selected) },
		EmptyText: func() string { return "No action, site, view or setting matches." },
		Choose:    func(_ keys.Action, i int) (tea.Cmd, bool) { return p.run(i), true },
	}, 0)
	return p
}

// search finds what matches the text: the best first, and of equals entries before sites, each in their order.
func (p *Pane) search(text string) {
	q := newQuery(text)
	var found [ranks][]int
	p.total = 0
	for i := range p.candidates {
		r := q.rank(&p.candidates[i])
		if r == none {
			continue
		}
		p.total++
		if len(found[r]) < maxShown {
			found[r] = append(found[r], i)
		}
	}
	p.shown = p.shown[:0]
	for _, list := range found {
		p.shown = append(p.shown, list...)
	}
}

// entryAt returns the entry in row i. The entries of sites are made here.
func (p *Pane) entryAt(i int) Entry {
	n := p.shown[i]
	if n < len(p.entries) {
		return p.entries[n]
	}
	s := &p.sites.All[n-len(p.entries)]
	e := Entry{
		Kind: "site", Name: format.Text(s.Title), Text: s.Ref(), Do: func() tea.Cmd { return p.sites.Open(s.Ref()) },
	}
	if e.Name == "" {
		e.Name, e.Text = format.Host(s.Host, hostWidth), s.Machine
	}
	return e
}

// hostWidth is the widest that the host of a site without a title is, in cells.
const hostWidth = 40

// run carries out the entry in row i, if there is one that can be done now.
func (p *Pane) run(i int) tea.Cmd {
	if i >= len(p.shown) {
		return nil
	}
	if e := p.entryAt(i); e.WhyNot == "" {
		return e.Do()
	}
	return nil
}

// HasNoEffect reports whether the selected entry cannot be done now.
func (p *Pane) HasNoEffect(a keys.Action) bool {
	return a == keys.Accept && (len(p.shown) == 0 || p.entryAt(p.Index()).WhyNot != "")
}

// countText returns how many match, once something has been typed, and how many of those are listed if not all are.
func (p *Pane) countText() string {
	switch {
	case p.Text() == "":
		return ""
	case p.total > len(p.shown):
		return " " + format.Count(len(p.shown)) + " of " + format.Count(p.total)
	}
	return " " + format.Count(p.total) + " found"
}

// Widths of the columns, in cells: names that have a key, and the keys and kinds on the right.
const (
	nameWidth  = 16
	rightWidth = 14
)

// drawLine draws an entry: its name, what it does, and its kind and keys. One that cannot be done now is dim, with the
// reason.
func (p *Pane) drawLine(e Entry, w int, selected bool) string {
	th := p.theme
	mark, background := "  ", theme.Style("")
	if selected {
		mark, background = "▸ ", th.Selected
	}
	name, text := th.Strong, th.Text
	if e.Kind != "" {
		text = th.Dim
	}
	if e.WhyNot != "" {
		name, text, e.Text = th.Dim, th.Dim, "not now: "+e.WhyNot
	}
	left := format.Cut(e.Name, w-rightWidth-4)
	left += format.Blank(nameWidth-format.Width(left)) + " "
	key := format.Cut(th.SpellKeys(e.Key), rightWidth)
	if key != "" && e.Kind != "" {
		key = " " + key
	}
	kind := format.FitRight(e.Kind, rightWidth-format.Width(key))
	return th.Cell(th.Accent, background).Render(mark) +
		th.Cell(name, background).Render(left) +
		th.Cell(text, background).Render(format.Fit(e.Text, w-2-format.Width(left)-rightWidth-1)+" ") +
		th.Cell(th.Dim, background).Render(kind) +
		th.Cell(th.Accent, background).Render(key)
}
