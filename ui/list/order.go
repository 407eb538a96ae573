package list

import (
	"math"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/ui/columns"
)

// order is how the rows are sorted: by a column, and whether against its usual direction. Numbers are sorted largest
// first; names, and times until an event, are not.
type order struct {
	by       columns.ID
	reversed bool
}

// descending reports whether larger values are on top.
func (o order) descending() bool {
	c, _ := columns.ByID(o.by)
	return c.Largest != o.reversed
}

// sortedByNeighbour returns the order by the column to the left or the right of the present one, among those that are
// drawn.
func (o order) sortedByNeighbour(drawn []columns.Column, step int) order {
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

// keyFunc returns the function that computes the sort key of a site.
func (o order) keyFunc() func(s *engine.Site, index int) sortKey {
	if text := textKeys[o.by]; text != nil {
		return func(s *engine.Site, index int) sortKey { return sortKey{text: text(s), index: index} }
	}
	number := numberKeys[o.by]
	if number == nil { // by host, whose order the indexes have
		number = func(*engine.Site) float64 { return 0 }
	}
	return func(s *engine.Site, index int) sortKey { return sortKey{number: number(s), index: index} }
}

// textKeys and numberKeys are what sites are sorted by, by column.
var (
	textKeys = map[columns.ID]func(*engine.Site) string{
		columns.Site:    func(s *engine.Site) string { return s.Host },
		columns.Machine: func(s *engine.Site) string { return s.Machine },
		columns.Title:   func(s *engine.Site) string { return strings.ToLower(s.Title) },
		columns.Hash:    func(s *engine.Site) string { return s.Infohash },
		columns.Labels: func(s *engine.Site) string {
			if len(s.Labels) == 0 {
				return "\U0010ffff" // behind all that have some
			}
			return strings.Join(s.Labels, " ")
		},
	}
	numberKeys = map[columns.ID]func(*engine.Site) float64{
		columns.State:      stateRank,
		columns.Size:       func(s *engine.Site) float64 { return float64(s.Size) },
		columns.Done:       func(s *engine.Site) float64 { return s.Done() },
		columns.Down:       func(s *engine.Site) float64 { return float64(s.DownRate) },
		columns.Up:         func(s *engine.Site) float64 { return float64(s.UpRate) },
		columns.Peers:      func(s *engine.Site) float64 { return float64(s.Peers)*maxPeers + float64(s.KnownPeers) },
		columns.Seeds:      func(s *engine.Site) float64 { return float64(s.Seeds) },
		columns.Copies:     rarity,
		columns.Web:        func(s *engine.Site) float64 { return float64(s.WebPeers) },
		columns.Files:      func(s *engine.Site) float64 { return float64(s.Files) },
		columns.Downloaded: func(s *engine.Site) float64 { return float64(s.Downloaded) },
		columns.Uploaded:   func(s *engine.Site) float64 { return float64(s.Uploaded) },
		columns.Ratio:      func(s *engine.Site) float64 { r, _ := s.Ratio(); return r },
		columns.Added:      func(s *engine.Site) float64 { return secondsOf(s.AddedAt, math.Inf(-1)) },
		columns.Opened:     func(s *engine.Site) float64 { return secondsOf(s.LastOpen, math.Inf(-1)) },
		columns.Expires:    func(s *engine.Site) float64 { return secondsOf(s.ExpiresAt, math.Inf(1)) },
	}
)

// maxPeers is more peers than a site has: the number of known peers decides between equal numbers of connected ones.
const maxPeers = 1 << 24

// rarity returns the number of copies elsewhere; between equal numbers, that of the copies that browsers reach decides.
// An unknown number is sorted last.
func rarity(s *engine.Site) float64 {
	if s.Copies < 0 {
		return math.Inf(1)
	}
	return float64(s.Copies) + float64(max(s.WebCopies, 0))/maxPeers
}

// secondsOf returns a time as a number in seconds, or none for a zero time.
func secondsOf(t engine.Time, none float64) float64 {
	if t.IsZero() {
		return none
	}
	return float64(t.Std().UnixMicro()) / 1e6
}

// statesByRank are the states that need a person first, then those that change by themselves, then those at rest.
var statesByRank = []engine.State{
	engine.Failed, engine.Found, engine.Resolving, engine.Metadata, engine.Downloading, engine.Seeding, engine.Paused,
}

// stateRank returns the place of a site's state among all, with pinned and own sites apart.
func stateRank(s *engine.Site) float64 {
	n := 4 * slices.Index(statesByRank, s.State)
	switch {
	case s.State != engine.Seeding:
	case s.Mine:
		n += 2
	case s.Pinned:
		n++
	}
	return float64(n)
}
