package list

import (
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the table of sites. Use New.
type Pane struct {
	Theme   *theme.Theme
	Keys    *keys.Map
	Focused bool
	// Columns are the columns that a person has chosen.
	Columns columns.Set
	// MachineColors are the colours of the machines of a fleet for theme.ColorStyle, by name; nil for any other engine,
	// and then there is no column for machines.
	MachineColors map[string]string
	// Marks are the sites that actions apply to together.
	Marks Marks

	rows     arrangement
	cursor   cursor
	drawn    []columns.Column // those that fitted when the table was last drawn
	tabs     tabLine
	serveURL string
}

// New returns an empty table, sorted by expiry.
func New(th *theme.Theme, km *keys.Map) *Pane {
	p := &Pane{
		Theme: th, Keys: km, Focused: true, Columns: columns.Default(),
		rows: arrangement{order: order{by: columns.Expires}}, tabs: tabLine{theme: th, keys: km},
	}
	p.Marks.rows, p.cursor.rows = &p.rows, &p.rows
	return p
}

// Set sets the sites of a new snapshot, which are sorted by host.
func (p *Pane) Set(sites []engine.Site, serveURL string) {
	p.serveURL = serveURL
	p.cursor.setSites(sites)
	p.Marks.dropMissing()
}

// HoldCursorFor must be called when the person has requested something for sites, and when it has been done: the cursor
// then does not follow them when they move.
func (p *Pane) HoldCursorFor(hosts ...string) { p.cursor.actedOn.add(p.rows.now, hosts) }

// Tick sets the time, from which countdowns are drawn.
func (p *Pane) Tick(now time.Time) { p.rows.now = now }

// Selected returns the selected site.
func (p *Pane) Selected() (engine.Site, bool) {
	i := p.cursor.sel.Index()
	if i >= p.rows.len() {
		return engine.Site{}, false
	}
	return *p.rows.site(i), true
}

// Lookup returns the site of a Ref, shown or not.
func (p *Pane) Lookup(host string) (engine.Site, bool) {
	if s := p.rows.lookup(host); s != nil {
		return *s, true
	}
	return engine.Site{}, false
}

// Reveal selects a site as soon as it is there, and leaves a view or filter that would hide it.
func (p *Pane) Reveal(host string) {
	p.cursor.pendingRef = host
	p.cursor.reveal()
}

// Total returns the number of sites.
func (p *Pane) Total() int { return len(p.rows.all) }

// Handle carries out a movement, a change of view, of order or of marks. It reports whether the action was one of
// these.
func (p *Pane) Handle(a keys.Action) bool {
	if v := slices.Index(ViewActions, a); v >= 0 {
		p.rows.changeView(v)
		p.cursor.selectFirst()
		return true
	}
	o := p.rows.order
	switch a {
	case keys.SortLeft:
		p.cursor.sort(o.sortedByNeighbour(p.drawn, -1))
	case keys.SortRight:
		p.cursor.sort(o.sortedByNeighbour(p.drawn, 1))
	case keys.Reverse:
		p.cursor.sort(order{o.by, !o.reversed})
	case keys.Mark, keys.MarkRange, keys.MarkAll, keys.InvertMark:
		p.Marks.handle(a, p.cursor.sel.Index())
		if a == keys.Mark {
			p.cursor.move(keys.Down)
		}
	default:
		return p.cursor.move(a)
	}
	return true
}

// Click selects the row at line y of the pane, and reports whether there is one, or sorts by the column at x of its
// header.
func (p *Pane) Click(x, y, w int) (row bool) {
	if y == 0 {
		t := p.table(w)
		if id, ok := t.ColumnAt(x); ok {
			p.SortBy(columns.ID(id))
		}
		return false
	}
	i, ok := p.cursor.sel.RowAt(y-1, p.rows.len())
	if ok {
		p.cursor.selectRow(i)
	}
	return ok
}

// SortBy sorts by a column, or reverses the order if the rows are sorted by it already.
func (p *Pane) SortBy(id columns.ID) {
	if id == p.rows.order.by {
		p.cursor.sort(order{id, !p.rows.order.reversed})
	} else {
		p.cursor.sort(order{by: id})
	}
}

// Sorted returns the column by which the rows are sorted, and whether the largest value is on top.
func (p *Pane) Sorted() (by columns.ID, descending bool) {
	return p.rows.order.by, p.rows.order.descending()
}

// Filter returns the text of the filter; empty for none.
func (p *Pane) Filter() string { return p.rows.filter.text }

// FilterProblem returns what is wrong with the filter, or missing in it; empty when nothing is.
func (p *Pane) FilterProblem() string { return p.rows.filter.filter.Problem }

// SetFilter sets the text of the filter, see package filter.
func (p *Pane) SetFilter(text string) {
	p.rows.setFilter(text)
	p.cursor.rebuild()
}

// NextMatch selects the next row below (or above) that the last filter matches; after the last row comes the first. It
// reports whether there is one.
func (p *Pane) NextMatch(up bool) bool {
	i, ok := p.rows.nextMatch(p.cursor.sel.Index(), up)
	if ok {
		p.cursor.selectRow(i)
	}
	return ok
}

// CurrentView returns the view as it is now, to be saved.
func (p *Pane) CurrentView() SavedView { return p.rows.current() }

// SavedViews returns the saved views.
func (p *Pane) SavedViews() []SavedView { return slices.Clone(p.rows.saved.views) }

// SetSavedViews replaces the saved views. Invalid ones, and those beyond MaxSavedViews, are left out.
func (p *Pane) SetSavedViews(all []SavedView) {
	p.rows.saved.set(all)
	p.rows.set(p.rows.all)
}

// RestoreView shows a view of an earlier run.
func (p *Pane) RestoreView(s SavedView) {
	if s.View.isKnown() {
		p.rows.view = s.View
	}
	if _, ok := columns.ByID(s.Sort); ok {
		p.rows.order = order{s.Sort, s.Reversed}
	}
	p.cursor.rebuild()
}

// View draws the table, or what to do when there is nothing in it.
func (p *Pane) View(w, h int) string {
	if p.rows.len() == 0 {
		return emptyText{p.Theme, p.Keys, p.serveURL}.draw(&p.rows, w, h)
	}
	return layout.Block(p.table(w).View(w, h, &p.cursor.sel), w, h)
}

// gutter is the width left of the first column: the cursor, the mark, a blank.
const gutter = 3

func (p *Pane) table(w int) *table.Table {
	var idle []columns.ID
	if !p.rows.anyLabelled {
		idle = []columns.ID{columns.Labels}
	}
	p.drawn = p.Columns.ForFleet(p.MachineColors != nil).Fit(w, gutter, idle...)
	focus := table.Unfocused // The selected row is what the inspector shows, so it stays marked while keys move there.
	if p.Focused {
		focus = table.Active
	}
	t := &table.Table{
		RowCount: p.rows.len(), Gutter: gutter, Focus: focus, SortBy: string(p.rows.order.by),
		Descending: p.rows.order.descending(), Theme: p.Theme,
		Columns: make([]table.Column, len(p.drawn)),
		Marked:  func(i int) bool { return p.Marks.hosts[p.rows.ref(i)] },
		Moved:   func(i int) bool { return p.cursor.actedOn.isHighlighted(p.rows.ref(i), p.rows.now) },
	}
	draw := cells{
		theme: p.Theme, now: p.rows.now, colors: p.MachineColors,
		hasTitleColumn: slices.ContainsFunc(p.drawn, func(c columns.Column) bool { return c.ID == columns.Title }),
	}
	fields := make([]func(*engine.Site) table.Cell, len(p.drawn))
	for i, c := range p.drawn {
		t.Columns[i] = table.Column{ID: string(c.ID), Title: c.Title, Width: c.Width, Right: c.Right}
		fields[i] = draw.cellFunc(c)
	}
	t.Row = func(i int, out []table.Cell) {
		s := p.rows.site(i)
		for j, field := range fields {
			out[j] = field(s)
		}
	}
	return t
}

// Tabs draws the line of views with their counts, the filter and the order, see tabLine. typing is the filter's input
// field while it is being typed, or empty.
func (p *Pane) Tabs(w int, typing string) string { return p.tabs.draw(&p.rows, w, typing) }

// FilterWidth returns the width of the field in which the filter is typed, in cells.
func (p *Pane) FilterWidth() int { return p.tabs.inputWidth() }

// ClickTabs changes to the view whose name is at x.
func (p *Pane) ClickTabs(x int) {
	if i, ok := p.tabs.viewAt(x); ok {
		p.Handle(ViewActions[i])
	}
}
