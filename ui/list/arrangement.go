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
	all     []engine.Site // of the newest snapshot, sorted by host: not ours to write to
	members []viewSet     // of each of them, the views that have it
	now     time.Time
	shown   []int // indexes into all, in the order of the rows
	sorter  sorter
	counts  [views]int
	view    View
	find    find
	order   order
	// outside is the order to return to from the view Endangered, which has one of its own.
	outside order
	saved   savedViews
	// labelled reports whether a site has a label.
	labelled bool
}

// len is the number of rows.
func (a *arrangement) len() int { return len(a.shown) }

// site returns the site of row i.
func (a *arrangement) site(i int) *engine.Site { return &a.all[a.shown[i]] }

// ref returns the Ref of row i's site, which is its key.
func (a *arrangement) ref(i int) string { return a.site(i).Ref() }

// rows are the rows as they are now, for comparison with those after the next change.
func (a *arrangement) rows() table.KeyedRows {
	all, shown := a.all, a.shown
	return table.KeyedRows{Len: len(shown), Key: func(i int) string { return all[shown[i]].Ref() }}
}

// lookup returns the site of a Ref, shown or not; nil if there is none.
func (a *arrangement) lookup(ref string) *engine.Site { return siteOf(a.all, ref) }

// siteOf returns the site of a Ref among sites that are sorted as snapshots are; nil if there is none.
func siteOf(sites []engine.Site, ref string) *engine.Site {
	var wanted engine.Site
	wanted.Host, wanted.Machine = engine.CutRef(ref)
	i, ok := sort.Find(len(sites), func(i int) int { return engine.CompareSites(&wanted, &sites[i]) })
	if !ok {
		return nil
	}
	return &sites[i]
}

// shows reports whether a site is shown.
func (a *arrangement) shows(s *engine.Site) bool {
	return a.view.has(s) && a.find.picked.Match(s, a.now)
}

// set takes the sites of a new snapshot, which are sorted by host, and counts how many of them each view has. The order
// of the rows is kept as far as it still holds, so that sorting costs only what has changed.
func (a *arrangement) set(sites []engine.Site) {
	a.sorter.renumber(a.all, sites)
	a.all, a.counts, a.labelled = sites, [views]int{}, false
	a.members = slices.Grow(a.members[:0], len(sites))[:len(sites)]
	a.saved.resetCounts()
	for i := range sites {
		m := viewsOf(&sites[i])
		a.members[i] = m
		for v := range views {
			if m.has(v) {
				a.counts[v]++
			}
		}
		a.saved.count(&sites[i], m, a.now)
		a.labelled = a.labelled || len(sites[i].Labels) > 0
	}
	a.arrange()
}

// arrange finds out what is shown, and in which order. The rows before it remain valid until the next one.
func (a *arrangement) arrange() {
	a.shown = a.sorter.sort(a.all, a.order, func(i int) bool {
		return a.members[i].has(a.view) && a.find.picked.Match(&a.all[i], a.now)
	})
}

// leaveViewHiding leaves the view or the filter that hides a site.
func (a *arrangement) leaveViewHiding(s *engine.Site) {
	if !a.view.has(s) {
		a.setView(All)
	}
	if !a.shows(s) {
		a.find.clear()
		a.saved.at = 0
	}
}

// filter picks sites.
func (a *arrangement) filter(text string) {
	if text == "" {
		a.find.clear()
	} else {
		a.find.set(text)
	}
	if v := a.saved.shown(); v != nil && v.Filter != text {
		a.saved.at = 0
	}
}

// next returns the next row after (or before) row i that the last filter picks, and goes on at the other end.
func (a *arrangement) next(i int, up bool) (int, bool) {
	n := a.len()
	if a.find.last == "" || n == 0 {
		return 0, false
	}
	picked := filter.Parse(a.find.last)
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

// changeView changes to the v-th of the views and, after them, of the saved ones, counted from 0. A view that is not
// saved stays away.
func (a *arrangement) changeView(v int) {
	switch i := v - int(views); {
	case i < 0:
		if a.saved.at > 0 {
			a.find.clear() // the filter belonged to the saved view
		}
		a.setView(View(v))
	case i < len(a.saved.views):
		a.saved.at = i + 1
		s := a.saved.shown()
		a.view, a.order = s.View, order{s.Sort, s.Reversed}
		a.find.set(s.Filter)
	}
}

// setView changes to a view that is not a saved one. The endangered sites come with the rarest first, however the
// others are sorted.
func (a *arrangement) setView(v View) {
	switch {
	case v == Endangered && a.view != Endangered:
		a.outside, a.order = a.order, order{by: columns.Copies}
	case v != Endangered && a.view == Endangered:
		a.order = a.outside
		if a.order.by == "" {
			a.order.by = columns.Expires
		}
	}
	a.view, a.saved.at = v, 0
}

// current returns the view as it is now.
func (a *arrangement) current() Saved {
	return Saved{View: a.view, Filter: a.find.text, Sort: a.order.by, Reversed: a.order.reversed}
}

// find is the filter in force, and the last one there was.
type find struct {
	text   string
	picked filter.Filter
	last   string
}

func (f *find) set(text string) {
	f.text, f.picked = text, filter.Parse(text)
	if text != "" {
		f.last = text
	}
}

func (f *find) clear() { f.text, f.picked = "", filter.Filter{} }
