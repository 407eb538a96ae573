package torrent

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"time"

	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/netsim"
)

// crowded is a site with many visitors.
type crowded struct {
	t    *testing.T
	net  *netsim.Net
	site *site
	seed *node
	link netsim.Link // the seed's
	// met are those that a tracker would name.
	met []netip.AddrPort

	wg   sync.WaitGroup
	mu   sync.Mutex
	took ratios
}

func newCrowded(t *testing.T, n *netsim.Net, link netsim.Link) *crowded {
	t.Helper()
	c := &crowded{t: t, net: n, site: newSite(t, pageSize, pagePiece, 5), link: link}
	c.seed = newSimNode(t, n.Host("seed", link), c.site, options{complete: true})
	return c
}

// addVisitor loads the page on a new host, which knows the seed and some of the earlier visitors.
func (c *crowded) addVisitor(link netsim.Link) {
	h := c.net.Host(fmt.Sprint("visitor", len(c.met)), link)
	v := newSimNode(c.t, h, c.site, options{magnet: true})
	begin := time.Now()
	v.addGivenPeers(c.seed.addr)
	v.AddFound(dial.Tracker, c.met[max(0, len(c.met)-20):])
	c.met = append(c.met, v.addr)
	c.wg.Go(func() {
		v.browse()
		took := time.Since(begin)
		c.mu.Lock()
		defer c.mu.Unlock()
		// The ideal is a seed that nobody else asks.
		c.took.add(took, 8*(link.Latency+c.link.Latency)+sendTime(pageSize, min(c.link.Up, link.Down)))
	})
}

// With one seed, a crowd that comes within a minute or at once shares the pieces among itself.
func TestSimFlashCrowd(t *testing.T) {
	for name, c := range map[string]struct {
		up           int64
		within       time.Duration
		median, late float64
	}{
		"2 MB per s, within a minute":   {2_000_000, time.Minute, 1.2, 2},
		"2 MB per s, at once":           {2_000_000, time.Second, 3, 5},
		"100 kB per s, within a minute": {100_000, time.Minute, 2, 4},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, 1, func(t *testing.T, n *netsim.Net) {
				link := netsim.HomeServer()
				link.Up = c.up
				crowd, visitors := newCrowded(t, n, link), simSize(60, 200)
				for range visitors {
					crowd.addVisitor(netsim.Cable().Behind(netsim.Open))
					time.Sleep(c.within / time.Duration(visitors))
				}
				crowd.wg.Wait()
				t.Logf("the seed gave %.1f copies", float64(crowd.seed.Stats().Up)/pageSize)
				crowd.took.expectAtMost(t, c.median, c.late)
			})
		})
	}
}

// Ten visitors that come at once and cannot connect to each other get equal parts of the seed's line, and all of it.
func TestSimFair(t *testing.T) {
	simulate(t, 1, func(t *testing.T, n *netsim.Net) {
		const visitors = 10
		crowd := newCrowded(t, n, netsim.HomeServer())
		begin := time.Now()
		for range visitors {
			crowd.addVisitor(netsim.Cable().Behind(netsim.Symmetric))
		}
		crowd.wg.Wait()
		ideal := 8*(netsim.Cable().Latency+crowd.link.Latency) + sendTime(visitors*pageSize, crowd.link.Up)
		t.Logf("%v, ideal are %v; the slowest %.2f of the median", time.Since(begin), ideal,
			crowd.took.quantile(1)/crowd.took.quantile(0.5))
		if took := time.Since(begin); took > ideal*5/4 || crowd.took.quantile(1) > 2*crowd.took.quantile(0.5) {
			t.Errorf("it takes %v in all", took)
		}
	})
}

// Visitors are at home behind all kinds of NATs, and the only seed is a home that accepts connections.
func TestSimCrowdBehindNATs(t *testing.T) {
	simulate(t, 1, func(t *testing.T, n *netsim.Net) {
		crowd, visitors := newCrowded(t, n, netsim.HomeServer()), simSize(30, 200)
		random := rand.New(rand.NewPCG(1, 2))
		for range visitors {
			crowd.addVisitor(netsim.RandomHome(random))
			time.Sleep(time.Minute / time.Duration(visitors))
		}
		crowd.wg.Wait()
		t.Logf("the seed gave %.1f copies to %d", float64(crowd.seed.Stats().Up)/pageSize, visitors)
		crowd.took.expectAtMost(t, 2, 5)
	})
}

// Peers come and go while a large site is fetched from them. The ideal is that half of them are there all the time.
func TestSimChurn(t *testing.T) {
	var all ratios
	for random := range simSize(5, 20) {
		simulate(t, uint64(random), func(t *testing.T, n *netsim.Net) { all.churn(t, n) })
	}
	all.expectAtMost(t, 1.5, 2.5)
}

func (r *ratios) churn(t *testing.T, n *netsim.Net) {
	t.Helper()
	const rate, peers, rtt = 200_000, 20, 80 * time.Millisecond
	s := newSite(t, 8<<20*simSize(1, 8), 256<<10, 6)
	reader := newSimNode(t, n.Host("reader", netsim.Link{Latency: rtt / 4}), s, options{})
	var hosts []*netsim.Host
	var addrs []netip.AddrPort
	for i := range peers {
		h := n.Host(fmt.Sprint("peer", i), netsim.Link{Latency: rtt / 4, Up: rate})
		hosts = append(hosts, h)
		addrs = append(addrs, newSimNode(t, h, s, options{complete: true}).addr)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { n.Churn(ctx, 30*time.Second, 30*time.Second, hosts, nil) })
	reader.AddFound(dial.Tracker, addrs)
	begin := time.Now()
	<-reader.finished
	r.add(time.Since(begin), 3*rtt+sendTime(len(s.bytes), rate*peers/2))
	cancel()
	wg.Wait()
}
