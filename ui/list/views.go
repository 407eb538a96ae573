package list

import (
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/filter"
	"wtptui/ui/keys"
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

// MaxSaved is how many views can be saved: they have the keys 6 to 9.
const MaxSaved = 4

// viewActions are the keys of the views and, after them, of the saved ones.
var viewActions = []keys.Action{keys.One, keys.Two, keys.Three, keys.Four, keys.Five, keys.Six, keys.Seven, keys.Eight, keys.Nine}

func (v View) name() string {
	return [...]string{"All", "Pinned", "Cached", "Loading", "Mine"}[v]
}

// has reports whether a site belongs to the view.
func (v View) has(s *engine.Site) bool {
	switch v {
	case Pinned:
		return s.Pinned
	case Cached:
		return !s.Pinned && s.State != engine.Found
	case Loading:
		return s.State == engine.Resolving || s.State == engine.Metadata || s.State == engine.Downloading
	case Mine:
		return s.Mine
	case All, views:
	}
	return true
}

// Saved is a view, a filter and an order that a person wants back with one key. Its JSON form is kept in the state
// file.
type Saved struct {
	Name     string     `json:"name"`
	View     View       `json:"view"`
	Filter   string     `json:"filter"`
	Sort     columns.ID `json:"sort"`
	Reversed bool       `json:"reversed"`

	picked filter.Filter
	count  int
}

func (v *Saved) has(s *engine.Site, now time.Time) bool {
	return v.View.has(s) && v.picked.Match(s, now)
}

// show changes to the v-th view, counted from 0; the saved ones follow the others. A view that is not saved stays away.
func (p *Pane) show(v int) {
	switch {
	case v < int(views):
		if p.at > 0 {
			p.find.clear() // the filter belonged to the saved view
		}
		p.view, p.at = View(v), 0
	case v-int(views) < len(p.saved):
		s := p.saved[v-int(views)]
		p.at = v - int(views) + 1
		p.view, p.order = s.View, order{s.Sort, s.Reversed}
		p.find.set(s.Filter)
	}
	p.arrange()
}

// Current is the view as it is now, to be saved.
func (p *Pane) Current() Saved {
	return Saved{View: p.view, Filter: p.find.text, Sort: p.order.by, Reversed: p.order.reversed}
}

// Saved gives the saved views.
func (p *Pane) Saved() []Saved { return slices.Clone(p.saved) }

// SetSaved changes them; what is too much or makes no sense is left out.
func (p *Pane) SetSaved(all []Saved) {
	p.saved, p.at = nil, 0
	for _, s := range all {
		if s.View < All || s.View >= views || s.Name == "" || len(p.saved) == MaxSaved {
			continue
		}
		if _, ok := columns.Of(s.Sort); !ok {
			s.Sort = columns.Expires
		}
		s.picked = filter.Parse(s.Filter)
		p.saved = append(p.saved, s)
	}
	p.arrange()
}

// Restore shows a view as it was in another run.
func (p *Pane) Restore(s Saved) {
	if s.View >= All && s.View < views {
		p.view = s.View
	}
	if _, ok := columns.Of(s.Sort); ok {
		p.order = order{s.Sort, s.Reversed}
	}
	p.arrange()
}
