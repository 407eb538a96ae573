package list

import (
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/keys"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// View is a group of sites.
type View int

// The views, in the order of their keys 1 to 5.
const (
	All View = iota
	Pinned
	Cached
	Loading
	Mine
	views
)

func (v View) name() string {
	return [...]string{"All", "Pinned", "Cached", "Loading", "Mine"}[v]
}

// has reports whether a site belongs to the view.
func (v View) has(s *engine.Site) bool {
	switch v {
	case Pinned:
		return s.Pinned
	case Cached:
		return !s.Pinned
	case Loading:
		return s.State == engine.Resolving || s.State == engine.Metadata || s.State == engine.Downloading
	case Mine:
		return s.Mine
	case All, views:
	}
	return true
}

// Pane is the table of sites.
type Pane struct {
	Theme   *theme.Theme
	Keys    *keys.Map
	Focused bool

	sites  []engine.Site // of the newest snapshot: not ours to write to
	shown  []int         // indexes into sites, in the order of the rows
	counts [views]int
	view   View
	filter string // lower case
	order  order
	desc   bool
	sel    table.Selection
	now    time.Time
	serve  string
	wanted string // to be selected when it appears
	tabs   []tab
}

// Set takes the sites of a new snapshot.
func (p *Pane) Set(sites []engine.Site, serveURL string) {
	p.sites, p.serve = sites, serveURL
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
	for i := range p.sites {
		if p.sites[i].Host == host {
			return p.sites[i], true
		}
	}
	return engine.Site{}, false
}

// Reveal selects a host as soon as it is there, and leaves a view or filter that would hide it.
func (p *Pane) Reveal(host string) {
	p.wanted = host
	p.arrange()
}

// Total is the number of sites.
func (p *Pane) Total() int { return len(p.sites) }

// Filter is the text by which sites are picked; empty for all.
func (p *Pane) Filter() string { return p.filter }

// SetFilter picks the sites that contain the text in their host, infohash, title or state.
func (p *Pane) SetFilter(text string) {
	p.filter = strings.ToLower(text)
	p.arrange()
}

// Handle carries out a movement, a change of view or of order. It reports whether the action was one of these.
func (p *Pane) Handle(a keys.Action) bool {
	switch a {
	case keys.One, keys.Two, keys.Three, keys.Four, keys.Five:
		p.view = map[keys.Action]View{keys.One: All, keys.Two: Pinned, keys.Three: Cached, keys.Four: Loading, keys.Five: Mine}[a]
	case keys.SortRight:
		p.order, p.desc = p.order.next(), false
	case keys.Reverse:
		p.desc = !p.desc
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
	for i := range p.sites {
		s := &p.sites[i]
		for v := range views {
			if v.has(s) {
				p.counts[v]++
			}
		}
		if p.view.has(s) && p.matches(s) {
			p.shown = append(p.shown, i)
		}
	}
	p.sort()
	p.sel.Keep(len(p.shown), p.keyAt)
}

func (p *Pane) uncover(s *engine.Site) {
	if !p.view.has(s) {
		p.view = All
	}
	if !p.matches(s) {
		p.filter = ""
	}
}

func (p *Pane) matches(s *engine.Site) bool {
	return p.filter == "" || strings.Contains(s.Host, p.filter) || strings.Contains(s.Infohash, p.filter) ||
		strings.Contains(string(s.State), p.filter) || strings.Contains(strings.ToLower(s.Title), p.filter)
}

func (p *Pane) keyAt(i int) string { return p.sites[p.shown[i]].Host }

// Click selects the row at line y of the pane, or sorts by the column at x of its header.
func (p *Pane) Click(x, y, w int) {
	if y == 0 {
		t := p.table(w)
		if id, ok := t.ColumnAt(x); ok {
			p.sortBy(id)
		}
		return
	}
	if i, ok := p.sel.RowAt(y-1, len(p.shown)); ok {
		p.sel.To(i, len(p.shown), p.keyAt)
	}
}
