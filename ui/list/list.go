package list

import (
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/keys"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the table of sites. Use New.
type Pane struct {
	Theme   *theme.Theme
	Keys    *keys.Map
	Focused bool

	sites   []engine.Site // of the newest snapshot: not ours to write to
	shown   []int         // indexes into sites, in the order of the rows
	counts  [views]int
	view    View
	find    find
	order   order
	columns columns.Set
	drawn   []columns.Column // those that fitted when the table was last drawn
	marks   marks
	saved   []Saved
	// at is the saved view that is shown, counted from 1; 0 when none is.
	at     int
	sel    table.Selection
	now    time.Time
	serve  string
	wanted string // to be selected when it appears
	tabs   []tab
}

// New makes an empty table, sorted by expiry.
func New(th *theme.Theme, km *keys.Map) *Pane {
	return &Pane{Theme: th, Keys: km, Focused: true, columns: columns.Default(), order: order{by: columns.Expires}}
}

// Set takes the sites of a new snapshot, which are sorted by host.
func (p *Pane) Set(sites []engine.Site, serveURL string) {
	p.sites, p.serve = sites, serveURL
	p.marks.keep(func(host string) bool { _, ok := p.Find(host); return ok })
	p.arrange()
}

// Tick tells the time, from which countdowns are drawn.
func (p *Pane) Tick(now time.Time) { p.now = now }

// Selected gives the selected site.
func (p *Pane) Selected() (engine.Site, bool) {
	i := p.sel.Index()
	if i >= len(p.shown) {
		return engine.Site{}, false
	}
	return p.sites[p.shown[i]], true
}

// Find gives the site of a host, shown or not.
func (p *Pane) Find(host string) (engine.Site, bool) {
	i, ok := slices.BinarySearchFunc(p.sites, host, func(s engine.Site, h string) int { return strings.Compare(s.Host, h) })
	if !ok {
		return engine.Site{}, false
	}
	return p.sites[i], true
}

// Reveal selects a host as soon as it is there, and leaves a view or filter that would hide it.
func (p *Pane) Reveal(host string) {
	p.wanted = host
	p.arrange()
}

// Total is the number of sites.
func (p *Pane) Total() int { return len(p.sites) }

// Handle carries out a movement, a change of view, of order or of marks. It reports whether the action was one of these.
func (p *Pane) Handle(a keys.Action) bool {
	if v := slices.Index(viewActions, a); v >= 0 {
		p.show(v)
		return true
	}
	switch a {
	case keys.SortLeft:
		p.sortAside(-1)
	case keys.SortRight:
		p.sortAside(1)
	case keys.Reverse:
		p.order.reversed = !p.order.reversed
	case keys.Mark, keys.MarkRange, keys.MarkAll, keys.InvertMark:
		p.mark(a)
		return true
	default:
		return p.sel.Move(a, len(p.shown), p.keyAt)
	}
	p.arrange()
	return true
}

// arrange finds out what is shown, in which order, and where the selection is now.
func (p *Pane) arrange() {
	if p.wanted != "" {
		if s, ok := p.Find(p.wanted); ok {
			p.uncover(&s)
			p.sel.Select(p.wanted)
			p.wanted = ""
		}
	}
	p.shown, p.counts = p.shown[:0], [views]int{}
	for i := range p.saved {
		p.saved[i].count = 0
	}
	for i := range p.sites {
		s := &p.sites[i]
		for v := range views {
			if v.has(s) {
				p.counts[v]++
			}
		}
		for j := range p.saved {
			if p.saved[j].has(s, p.now) {
				p.saved[j].count++
			}
		}
		if p.has(s) {
			p.shown = append(p.shown, i)
		}
	}
	p.sort()
	p.sel.Keep(len(p.shown), p.keyAt)
}

// has reports whether a site is shown.
func (p *Pane) has(s *engine.Site) bool { return p.view.has(s) && p.find.picked.Match(s, p.now) }

func (p *Pane) uncover(s *engine.Site) {
	if !p.view.has(s) {
		p.view, p.at = All, 0
	}
	if !p.has(s) {
		p.find.clear()
		p.at = 0
	}
}

func (p *Pane) keyAt(i int) string { return p.sites[p.shown[i]].Host }

// Click selects the row at line y of the pane, and reports whether there is one, or sorts by the column at x of its header.
func (p *Pane) Click(x, y, w int) (row bool) {
	if y == 0 {
		t := p.table(w)
		if id, ok := t.ColumnAt(x); ok {
			p.SortBy(columns.ID(id))
		}
		return false
	}
	i, ok := p.sel.RowAt(y-1, len(p.shown))
	if ok {
		p.sel.To(i, len(p.shown), p.keyAt)
	}
	return ok
}

// Columns is what a person has chosen to see.
func (p *Pane) Columns() columns.Set { return p.columns }

// SetColumns changes it.
func (p *Pane) SetColumns(set columns.Set) { p.columns = set }
