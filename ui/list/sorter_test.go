package list

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/ui/columns"
)

// sitesFor makes sites sorted by host, some of which are equal in all but that.
func sitesFor(rng *rand.Rand, n int) []engine.Site {
	start := time.Unix(1_800_000_000, 0)
	out := make([]engine.Site, n)
	for i := range out {
		out[i] = engine.Site{
			Host: fmt.Sprintf("site-%04d.example", i), Title: fmt.Sprint("Title ", rng.IntN(n)), Size: rng.Int64N(10),
			UpRate: rng.Int64N(4), Pinned: rng.IntN(3) == 0,
			State: engine.Seeding, Infohash: fmt.Sprintf("%040x", rng.IntN(n)), Uploaded: rng.Int64N(1000),
		}
		if !out[i].Pinned {
			out[i].ExpiresAt = engine.At(start.Add(time.Duration(rng.IntN(1000)) * time.Second))
		}
	}
	return out
}

// However sites come, go and change between snapshots, the rows are those of the newest one, in order.
func TestRowsAreInOrderWhateverChanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var a arrangement
	sites := sitesFor(rng, 300)
	for round := range 300 {
		sites = slices.Clone(sites)
		for range rng.IntN(4) {
			s := &sites[rng.IntN(len(sites))]
			s.UpRate, s.Pinned, s.ExpiresAt, s.Title = rng.Int64N(9), !s.Pinned, engine.Time{},
				fmt.Sprint("title ", rng.IntN(300))
		}
		switch rng.IntN(6) {
		case 0:
			from := rng.IntN(len(sites) - 20)
			sites = slices.Delete(sites, from, from+rng.IntN(10))
		case 1:
			sites = append(sites, sitesFor(rng, 300)[280:]...)
			sites = append(sites, sitesFor(rng, 60)[40:]...)
			slices.SortFunc(sites, func(x, y engine.Site) int { return strings.Compare(x.Host, y.Host) })
			sites = slices.CompactFunc(sites, func(x, y engine.Site) bool { return x.Host == y.Host })
		case 2:
			a.order = order{columns.All(true)[rng.IntN(len(columns.All(true)))].ID, rng.IntN(2) == 0}
		case 3:
			a.view = []View{All, Pinned, Cached}[rng.IntN(3)]
		}
		before := a.rows()
		var hosts []string
		for i := range before.Len {
			hosts = append(hosts, before.Key(i))
		}
		a.set(sites)
		for i := range before.Len {
			if before.Key(i) != hosts[i] {
				t.Fatalf("round %d: the rows before a snapshot changed with it", round)
			}
		}
		var want []int
		for i := range sites {
			if a.view.contains(&sites[i]) {
				want = append(want, i)
			}
		}
		key, down := a.order.keyFunc(), a.order.descending()
		slices.SortFunc(want, func(i, j int) int {
			x, y := key(&sites[i], i), key(&sites[j], j)
			return x.compare(&y, down)
		})
		if !slices.Equal(a.shown, want) {
			t.Fatalf("round %d, by %+v in view %d: %v, want %v", round, a.order, a.view, a.shown, want)
		}
		if n := len(want); a.counts[a.view] != n {
			t.Fatalf("round %d: the view has %d sites, and counts %d", round, n, a.counts[a.view])
		}
	}
}
