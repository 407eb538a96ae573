package list

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
)

// order is a column by which the table can be sorted.
type order int

const (
	byExpiry order = iota
	bySite
	bySize
	byDone
	byDown
	byUp
	byPeers
	byRatio
	orders
)

// columns are the IDs and names of the orders. Numbers come largest first unless reversed; names and expiry do not.
var columns = [orders]struct {
	id, name string
	largest  bool
}{
	byExpiry: {"expires", "Expires", false},
	bySite:   {"site", "Site", false},
	bySize:   {"size", "Size", true},
	byDone:   {"done", "Done", false},
	byDown:   {"down", "▼/s", true},
	byUp:     {"up", "▲/s", true},
	byPeers:  {"peers", "Peers", true},
	byRatio:  {"ratio", "Ratio", true},
}

func (o order) next() order { return (o + 1) % orders }

// sortBy sorts by a column, or reverses the order if it is that column's already.
func (p *Pane) sortBy(id string) {
	for o := range orders {
		if columns[o].id != id {
			continue
		}
		if o == p.order {
			p.desc = !p.desc
		} else {
			p.order, p.desc = o, false
		}
		p.arrange()
		return
	}
}

// descending reports whether larger values are further up.
func (p *Pane) descending() bool { return columns[p.order].largest != p.desc }

// sort orders the rows. Sites that are equal come by host in either direction, so that rows do not change places
// without a reason.
func (p *Pane) sort() {
	compare := p.order.compare
	sign := 1
	if p.descending() {
		sign = -1
	}
	slices.SortFunc(p.shown, func(i, j int) int {
		a, b := &p.sites[i], &p.sites[j]
		if c := compare(a, b); c != 0 {
			return sign * c
		}
		return strings.Compare(a.Host, b.Host)
	})
}

func (o order) compare(a, b *engine.Site) int {
	switch o {
	case bySite, orders:
		return strings.Compare(a.Host, b.Host)
	case byExpiry:
		return expiry(a).Compare(expiry(b))
	case bySize:
		return cmp.Compare(a.Size, b.Size)
	case byDone:
		return cmp.Compare(a.Done(), b.Done())
	case byDown:
		return cmp.Compare(a.DownRate, b.DownRate)
	case byUp:
		return cmp.Compare(a.UpRate, b.UpRate)
	case byPeers:
		return cmp.Or(cmp.Compare(a.Peers, b.Peers), cmp.Compare(a.KnownPeers, b.KnownPeers))
	case byRatio:
		ra, _ := a.Ratio()
		rb, _ := b.Ratio()
		return cmp.Compare(ra, rb)
	}
	return 0
}

// expiry is when a site goes; one that never does goes last.
func expiry(s *engine.Site) time.Time {
	if s.ExpiresAt.IsZero() {
		return time.Unix(1<<40, 0)
	}
	return s.ExpiresAt.Std()
}
