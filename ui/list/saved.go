package list

import (
	"time"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/filter"
)

// MaxSaved is how many views can be saved: they have the keys 6 to 9.
const MaxSaved = 4

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

// savedViews are the views that a person has saved. The zero value has none.
type savedViews struct {
	views []Saved
	// at is the one that is shown, counted from 1; 0 when none is.
	at int
}

// shown returns the saved view that is shown; nil when none is.
func (l *savedViews) shown() *Saved {
	if l.at == 0 {
		return nil
	}
	return &l.views[l.at-1]
}

// set replaces the views; what is too much or makes no sense is left out.
func (l *savedViews) set(all []Saved) {
	l.views, l.at = nil, 0
	for _, s := range all {
		if !s.View.known() || s.Name == "" || len(l.views) == MaxSaved {
			continue
		}
		if _, ok := columns.ByID(s.Sort); !ok {
			s.Sort = columns.Expires
		}
		s.picked = filter.Parse(s.Filter)
		l.views = append(l.views, s)
	}
}

func (l *savedViews) resetCounts() {
	for i := range l.views {
		l.views[i].count = 0
	}
}

// count adds a site, and the views that have it, to the counts of the saved views that have it too.
func (l *savedViews) count(s *engine.Site, in viewSet, now time.Time) {
	for i := range l.views {
		if v := &l.views[i]; in.has(v.View) && v.picked.Match(s, now) {
			v.count++
		}
	}
}
