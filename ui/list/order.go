package list

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/columns"
)

// order is how the rows are sorted: by a column, and whether against its usual direction. Numbers come largest first;
// names, and times until something happens, do not.
type order struct {
	by       columns.ID
	reversed bool
}

// descending reports whether larger values are further up.
func (o order) descending() bool {
	c, _ := columns.Of(o.by)
	return c.Largest != o.reversed
}

// aside returns the order by the column to the left or the right of the present one, among those that are drawn.
func (o order) aside(drawn []columns.Column, step int) order {
	n := len(drawn)
	if n == 0 {
		return o
	}
	i := slices.IndexFunc(drawn, func(c columns.Column) bool { return c.ID == o.by })
	if i < 0 && step < 0 {
		i = 0
	}
	return order{by: drawn[(i+step+n)%n].ID}
}

// sort orders rows, which are indexes into sites. Sites that are equal come by host in either direction, so that rows do
// not change places without a reason.
func (o order) sort(rows []int, sites []engine.Site) {
	compare := comparisons[o.by]
	if compare == nil {
		compare = comparisons[columns.Site]
	}
	sign := 1
	if o.descending() {
		sign = -1
	}
	slices.SortFunc(rows, func(i, j int) int {
		a, b := &sites[i], &sites[j]
		if c := compare(a, b); c != 0 {
			return sign * c
		}
		return strings.Compare(a.Host, b.Host)
	})
}

// comparisons say which of two sites comes first, by column.
var comparisons = map[columns.ID]func(a, b *engine.Site) int{
	columns.State: func(a, b *engine.Site) int { return cmp.Compare(stage(a), stage(b)) },
	columns.Site:  func(a, b *engine.Site) int { return strings.Compare(a.Host, b.Host) },
	columns.Title: func(a, b *engine.Site) int {
		return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
	},
	columns.Size:       by(func(s *engine.Site) int64 { return s.Size }),
	columns.Done:       by(func(s *engine.Site) float64 { return s.Done() }),
	columns.Down:       by(func(s *engine.Site) int64 { return s.DownRate }),
	columns.Up:         by(func(s *engine.Site) int64 { return s.UpRate }),
	columns.Seeds:      by(func(s *engine.Site) int { return s.Seeds }),
	columns.Web:        by(func(s *engine.Site) int { return s.WebPeers }),
	columns.Files:      by(func(s *engine.Site) int { return s.Files }),
	columns.Downloaded: by(func(s *engine.Site) int64 { return s.Downloaded }),
	columns.Uploaded:   by(func(s *engine.Site) int64 { return s.Uploaded }),
	columns.Ratio:      by(func(s *engine.Site) float64 { r, _ := s.Ratio(); return r }),
	columns.Hash:       by(func(s *engine.Site) string { return s.Infohash }),
	columns.Added:      func(a, b *engine.Site) int { return a.AddedAt.Std().Compare(b.AddedAt.Std()) },
	columns.Opened:     func(a, b *engine.Site) int { return a.LastOpen.Std().Compare(b.LastOpen.Std()) },
	columns.Expires:    func(a, b *engine.Site) int { return expiry(a).Compare(expiry(b)) },
	columns.Peers: func(a, b *engine.Site) int {
		return cmp.Or(cmp.Compare(a.Peers, b.Peers), cmp.Compare(a.KnownPeers, b.KnownPeers))
	},
}

func by[T cmp.Ordered](of func(*engine.Site) T) func(a, b *engine.Site) int {
	return func(a, b *engine.Site) int { return cmp.Compare(of(a), of(b)) }
}

// stage puts what needs a person first, then what moves, then what is at rest.
func stage(s *engine.Site) int {
	order := []engine.State{engine.Failed, engine.Found, engine.Resolving, engine.Metadata, engine.Downloading, engine.Seeding, engine.Paused}
	n := 4 * slices.Index(order, s.State)
	switch {
	case s.State != engine.Seeding:
	case s.Mine:
		n += 2
	case s.Pinned:
		n++
	}
	return n
}

// expiry is when a site goes; one that never does goes last.
func expiry(s *engine.Site) time.Time {
	if s.ExpiresAt.IsZero() {
		return time.Unix(1<<40, 0)
	}
	return s.ExpiresAt.Std()
}
