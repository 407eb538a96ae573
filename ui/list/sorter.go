package list

import (
	"cmp"
	"slices"
	"strings"

	"wtptui/engine"
)

// sorter sorts rows, and keeps their order: most snapshots change little of it, and then one pass over the rows is
// enough. The zero value is ready to use.
type sorter struct {
	last   []int // indexes into the sites, in their last order
	rows   []int // what was returned last
	spare  []int // what was returned before that, whose space is used next
	placed []sortKey
	moved  []sortKey
	seen   []bool // by index into the sites: it is among last
}

// sortKey is what a row is sorted by: a number, then a text, then its host, for which its index stands.
type sortKey struct {
	number float64
	text   string
	index  int
}

// compare returns which of two rows comes first. Equal sites are sorted by host in either direction, so that rows do
// not change places without a reason.
func (k *sortKey) compare(other *sortKey, descending bool) int {
	c := cmp.Or(cmp.Compare(k.number, other.number), strings.Compare(k.text, other.text))
	if descending {
		c = -c
	}
	return cmp.Or(c, cmp.Compare(k.index, other.index))
}

// renumber replaces indexes into older sites by those of the same sites in newer ones; both have the order of
// snapshots. Rows whose site is gone are left out.
func (o *sorter) renumber(older, newer []engine.Site) {
	at := make([]int, len(older))
	n := 0
	for i := range older {
		for n < len(newer) && engine.CompareSites(&newer[n], &older[i]) < 0 {
			n++
		}
		at[i] = -1
		if n < len(newer) && engine.CompareSites(&newer[n], &older[i]) == 0 {
			at[i] = n
		}
	}
	kept := o.last[:0]
	for _, i := range o.last {
		if at[i] >= 0 {
			kept = append(kept, at[i])
		}
	}
	o.last = kept
}

// sort returns the rows for which isShown is true, in order. The slice is valid until the call after the next one.
func (o *sorter) sort(sites []engine.Site, by order, isShown func(index int) bool) []int {
	descending := by.descending()
	o.placed, o.moved = o.placed[:0], o.moved[:0]
	o.seen = slices.Grow(o.seen[:0], len(sites))[:len(sites)]
	clear(o.seen)
	key := by.keyFunc()
	for _, i := range o.last {
		o.seen[i] = true
		if isShown(i) {
			o.addNext(key(&sites[i], i), descending)
		}
	}
	for i := range sites {
		if !o.seen[i] && isShown(i) {
			o.moved = append(o.moved, key(&sites[i], i))
		}
	}
	slices.SortFunc(o.moved, func(a, b sortKey) int { return a.compare(&b, descending) })
	return o.merge(descending)
}

// addNext adds the next row of the last order. Where it is out of order, either it or the one before it has moved.
func (o *sorter) addNext(k sortKey, descending bool) {
	n := len(o.placed)
	switch {
	case n == 0 || o.placed[n-1].compare(&k, descending) < 0:
		o.placed = append(o.placed, k)
	case n == 1 || o.placed[n-2].compare(&k, descending) < 0:
		o.moved = append(o.moved, o.placed[n-1])
		o.placed[n-1] = k
	default:
		o.moved = append(o.moved, k)
	}
}

// merge joins the rows that have kept their order and those that have not.
func (o *sorter) merge(descending bool) []int {
	out := o.spare[:0]
	m := 0
	for i := range o.placed {
		for m < len(o.moved) && o.moved[m].compare(&o.placed[i], descending) < 0 {
			out = append(out, o.moved[m].index)
			m++
		}
		out = append(out, o.placed[i].index)
	}
	for ; m < len(o.moved); m++ {
		out = append(out, o.moved[m].index)
	}
	o.rows, o.spare = out, o.rows
	o.last = append(o.last[:0], out...)
	return out
}
