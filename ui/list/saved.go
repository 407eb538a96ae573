package list

import (
	"time"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/filter"
)

// MaxSavedViews is how many views can be saved: they have the keys 6 to 9.
const MaxSavedViews = 4

// SavedView is a view, a filter and an order that a person can show with one key. Its JSON form is part of the state
// file.
type SavedView struct {
	Name     string     `json:"name"`
	View     View       `json:"view"`
	Filter   string     `json:"filter"`
	Sort     columns.ID `json:"sort"`
	Reversed bool       `json:"reversed"`

	filter filter.Filter
	count  int
}

// savedViews are the views that a person has saved. The zero value has none.
type savedViews struct {
	views []SavedView
	// shownIndex is the one that is shown, counted from 1; 0 when none is.
	shownIndex int
}

// shown returns the saved view that is shown; nil when none is.
func (l *savedViews) shown() *SavedView {
	if l.shownIndex == 0 {
		return nil
	}
	return &l.views[l.shownIndex-1]
}

// set replaces the views. Invalid ones, and those beyond MaxSavedViews, are left out.
func (l *savedViews) set(all []SavedView) {
	l.views, l.shownIndex = nil, 0
	for _, s := range all {
		if !s.View.isKnown() || s.Name == "" || len(l.views) == MaxSavedViews {
			continue
		}
		if _, ok := columns.ByID(s.Sort); !ok {
			s.Sort = columns.Expires
		}
		s.filter = filter.Parse(s.Filter)
		l.views = append(l.views, s)
	}
}

func (l *savedViews) resetCounts() {
	for i := range l.views {
		l.views[i].count = 0
	}
}

// addCount adds a site, with the views that contain it, to the counts of the saved views that contain it.
func (l *savedViews) addCount(s *engine.Site, in viewSet, now time.Time) {
	for i := range l.views {
		if v := &l.views[i]; in.contains(v.View) && v.filter.Match(s, now) {
			v.count++
		}
	}
}
