package list

import (
	"slices"
	"sort"
	"time"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/filter"
	"wtptui/ui/table"
)

// arrangement is which sites are shown, and in which order. The zero value shows all, sorted by host.
type arrangement struct {
	all      []engine.Site // of the newest snapshot, sorted by host: not ours to write to
	viewSets []viewSet     // of each of them, the views that have it
	now      time.Time
	shown    []int // indexes into all, in the order of the rows
	sorter   sorter
	counts   [views]int
	view     View
	filter   filterState
	order    order
	// orderOutside is the order to return to from the view Endangered, which has one of its own.
	orderOutside order
	saved        savedViews
	// anyLabelled reports whether any site has a label.
	anyLabelled bool
}

// len returns the number of rows.
func (a *arrangement) len() int { return len(a.shown) }

// site returns the site of row i.
func (a *arrangement) site(i int) *engine.Site { return &a.all[a.shown[i]] }

// ref returns the Ref of row i's site, which is its key.
func (a *arrangement) ref(i int) string { return a.site(i).Ref() }

// rows returns the rows as they are now, for comparison with those after the next change.
func (a *arrangement) rows() table.KeyedRows {
	all, shown := a.all, a.shown
	return table.KeyedRows{Len: len(shown), Key: func(i int) string { return all[shown[i]].Ref() }}
}

// lookup returns the site of a Ref, shown or not; nil if there is none.
func (a *arrangement) lookup(ref string) *engine.Site { return siteOf(a.all, ref) }

// siteOf returns the site of a Ref among sites in the order of snapshots; nil if there is none.
func siteOf(sites []engine.Site, ref string) *engine.Site {
	var wanted engine.Site
	wanted.Host, wanted.Machine = engine.CutRef(ref)
	i, ok := sort.Find(len(sites), func(i int) int { return engine.CompareSites(&wanted, &sites[i]) })
	if !ok {
		return nil
	}
	return &sites[i]
}

// isShown reports whether a site is in the view and matches the filter.
func (a *arrangement) isShown(s *engine.Site) bool {
	return a.view.contains(s) && a.filter.filter.Match(s, a.now)
}

// set sets the sites of a new snapshot, which are sorted by host, and counts how many of them each view has. The order
// of the rows is kept as far as it still holds, so that sorting costs only what has changed.
func (a *arrangement) set(sites []engine.Site) {
	a.sorter.renumber(a.all, sites)
	a.all, a.counts, a.anyLabelled = sites, [views]int{}, false
	a.viewSets = slices.Grow(a.viewSets[:0], len(sites))[:len(sites)]
	a.saved.resetCounts()
	for i := range sites {
		m := viewsOf(&sites[i])
		a.viewSets[i] = m
		for v := range views {
			if m.contains(v) {
				a.counts[v]++
			}
		}
		a.saved.addCount(&sites[i], m, a.now)
		a.anyLabelled = a.anyLabelled || len(sites[i].Labels) > 0
	}
	a.rebuild()
}

// rebuild determines the rows and their order. The rows before it remain valid until the next call.
func (a *arrangement) rebuild() {
	a.shown = a.sorter.sort(a.all, a.order, func(i int) bool {
		return a.viewSets[i].contains(a.view) && a.filter.filter.Match(&a.all[i], a.now)
	})
}

// leaveViewHiding leaves the view or the filter that hides a site.
func (a *arrangement) leaveViewHiding(s *engine.Site) {
	if !a.view.contains(s) {
		a.setView(All)
	}
	if !a.isShown(s) {
		a.filter.clear()
		a.saved.shownIndex = 0
	}
}

// setFilter sets the filter; an empty text clears it.
func (a *arrangement) setFilter(text string) {
	if text == "" {
		a.filter.clear()
	} else {
		a.filter.set(text)
	}
	if v := a.saved.shown(); v != nil && v.Filter != text {
		a.saved.shownIndex = 0
	}
}

// nextMatch returns the next row after (or before) row i that the last filter matches; after the last row comes the
// first.
func (a *arrangement) nextMatch(i int, up bool) (int, bool) {
	n := a.len()
	if a.filter.lastText == "" || n == 0 {
		return 0, false
	}
	picked := filter.Parse(a.filter.lastText)
	step := 1
	if up {
		step = n - 1
	}
	for range n {
		i = (i + step) % n
		if picked.Match(a.site(i), a.now) {
			return i, true
		}
	}
	return 0, false
}

// changeView changes to the v-th of the views and, after them, of the saved ones, counted from 0. A number without a
// saved view has no effect.
func (a *arrangement) changeView(v int) {
	switch i := v - int(views); {
	case i < 0:
		if a.saved.shownIndex > 0 {
			a.filter.clear() // the filter belonged to the saved view
		}
		a.setView(View(v))
	case i < len(a.saved.views):
		a.saved.shownIndex = i + 1
		s := a.saved.shown()
		a.view, a.order = s.View, order{s.Sort, s.Reversed}
		a.filter.set(s.Filter)
	}
}

// setView changes to a view that is not a saved one. The endangered sites are sorted by rarity, whatever the order of
// the other views.
func (a *arrangement) setView(v View) {
	switch {
	case v == Endangered && a.view != Endangered:
		a.orderOutside, a.order = a.order, order{by: columns.Copies}
	case v != Endangered && a.view == Endangered:
		a.order = a.orderOutside
		if a.order.by == "" {
			a.order.by = columns.Expires
		}
	}
	a.view, a.saved.shownIndex = v, 0
}

// current returns the view as it is now.
func (a *arrangement) current() SavedView {
	return SavedView{View: a.view, Filter: a.filter.text, Sort: a.order.by, Reversed: a.order.reversed}
}

// filterState is the filter in force, and the last one that there was.
type filterState struct {
	text     string
	filter   filter.Filter
	lastText string
}

func (f *filterState) set(text string) {
	f.text, f.filter = text, filter.Parse(text)
	if text != "" {
		f.lastText = text
	}
}

func (f *filterState) clear() { f.text, f.filter = "", filter.Filter{} }
