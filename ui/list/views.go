package list

import (
	"wtptui/engine"
	"wtptui/ui/keys"
)

// View is a group of sites.
type View int

// The views, in the order of their tabs. Their numbers are stored in state files.
const (
	All View = iota
	Pinned
	Cached
	Loading
	Mine
	Endangered
	Errors
	views
)

// ViewCount is the number of views other than saved ones.
const ViewCount = int(views)

// ViewActions are the actions of the views and, after them, of the saved ones.
var ViewActions = []keys.Action{
	keys.One, keys.Two, keys.Three, keys.Four, keys.Five, keys.Endangered, keys.Errors,
	keys.Six, keys.Seven, keys.Eight, keys.Nine,
}

func (v View) name() string {
	return [...]string{"All", "Pinned", "Cached", "Loading", "Mine", "Endangered", "Errors"}[v]
}

// shortName returns the name where there is little room: the word that the state has.
func (v View) shortName() string {
	return [...]string{"All", "Pin", "Cache", "Load", "Mine", "Risk", "Error"}[v]
}

// viewSet is a set of views, one bit each.
type viewSet uint16

// viewsOf returns the views that contain a site.
func viewsOf(s *engine.Site) viewSet {
	var set viewSet
	for v := range views {
		if v.contains(s) {
			set |= 1 << v
		}
	}
	return set
}

func (set viewSet) contains(v View) bool { return set&(1<<v) != 0 }

// isKnown reports whether there is such a view.
func (v View) isKnown() bool { return v >= All && v < views }

// contains reports whether a site belongs to the view.
func (v View) contains(s *engine.Site) bool {
	switch v {
	case Pinned:
		return s.Pinned
	case Cached:
		return !s.Pinned && s.State != engine.Found
	case Loading:
		return s.State == engine.Resolving || s.State == engine.Metadata || s.State == engine.Downloading
	case Mine:
		return s.Mine
	case Endangered:
		return s.IsEndangered()
	case Errors:
		return s.Error != ""
	case All, views:
	}
	return true
}
