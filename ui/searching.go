package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/search"
)

// searchable is a window that can be searched.
type searchable interface{ Search() *search.Search }

// activeSearch returns the search in what has the keys: the window, the site page or the inspector. It is nil where
// nothing can be searched, and on the table of sites, which has a filter instead.
func (sc *screen) activeSearch() *search.Search {
	switch {
	case sc.windows.shown != nil:
		if w, ok := sc.windows.shown.(searchable); ok {
			return w.Search()
		}
	case sc.filter.typing():
	case sc.page != nil:
		return sc.page.Search()
	case sc.inspector.Focused():
		return sc.inspector.Search()
	}
	return nil
}

// doSearchAction passes an action to the search in what has the keys; it reports whether the action was for it.
func (in *input) doSearchAction(a keys.Action) bool {
	sc := in.screen
	s := sc.activeSearch()
	switch {
	case s == nil:
		return false
	case s.Handle(a):
		return true
	case s.Typing():
		return true
	case (a == keys.Back || a == keys.Cancel) && s.Active():
		s.Clear()
		return true
	case a == keys.NextMatch || a == keys.PrevMatch:
		why := "Nothing has been searched for here: " + sc.keys.FirstKeyIn(keys.Search, keys.StartSearch) + " searches"
		if s.Active() {
			why = "No match for " + format.Cut(s.Query().Text(), 40)
		}
		sc.toast.ShowNothingDone(why)
		return true
	}
	return false
}

// editSearch edits the searched text, if it is being typed.
func (in *input) editSearch(msg tea.Msg) (cmd tea.Cmd, typing bool) {
	s := in.screen.activeSearch()
	if s == nil || !s.Typing() {
		return nil, false
	}
	return s.Update(msg), true
}

// siteName returns the name of a site in at most w cells; a host alone where the site is not here any more.
func (sc *screen) siteName(host string, w int) string {
	if s, ok := sc.list.Lookup(host); ok {
		return badge.Name(s, w)
	}
	return badge.NameOfRef(host, w)
}
