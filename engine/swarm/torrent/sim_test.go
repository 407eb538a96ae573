package torrent

import (
	"context"
	"flag"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/netsim"
	"wtptui/engine/swarm/wire"
)

// soak has simulations be as large as life. What they measure is printed with -v.
var soak = flag.Bool("soak", false, "simulate swarms at full size, and more often")

// simSize returns how many of something there are in a simulation: few, fewer in a short test, or as many as in life.
func simSize(few, many int) int {
	switch {
	case *soak:
		return many
	case testing.Short():
		return max(1, few/3)
	}
	return few
}

// simulated calls over a simulated network.
type simulated struct {
	host  *netsim.Host
	calls atomic.Int64
}

func (c *simulated) Dial(
	ctx context.Context, peer netip.AddrPort, ours wire.Handshake,
) (*wire.Conn, engine.Via, error) {
	c.calls.Add(1)
	conn, err := c.host.Dial(ctx, peer)
	if err != nil {
		return nil, engine.TCP, err
	}
	w, err := wire.Dial(ctx, conn, ours, false)
	return w, engine.TCP, err
}

// simPort is where simulated nodes listen.
const simPort = 6881

// newSimulated makes a node at a host.
func newSimulated(t testing.TB, h *netsim.Host, s *site, o options) *node {
	t.Helper()
	o.dialer, o.port = &simulated{host: h}, simPort
	if o.data == nil {
		o.data = newMemory(s, o.complete)
	}
	n := newNode(t, s, o)
	l, err := h.Listen(simPort)
	if err != nil {
		t.Fatal(err)
	}
	n.addr = netip.AddrPortFrom(h.PublicAddr(), simPort)
	n.serve(t, l)
	return n
}

// simulate runs a test in virtual time, on a network of its own.
func simulate(t *testing.T, random uint64, test func(t *testing.T, n *netsim.Net)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := netsim.New(random)
		t.Cleanup(n.Close)
		test(t, n)
	})
}

// pageSize is that of a site with a page of 25 files, pagePiece how long its pieces are.
const (
	pageSize  = 604_000
	pagePiece = 16 << 10
)

// readers is how many files a browser asks for at a time.
const readers = 6

// browse wants what a browser does: the first piece, and when that is here, what some readers wait for, with the rest
// of the page behind it. It returns when all is here.
func (n *node) browse() {
	for {
		var missing []int
		for i := range n.site.layout.Pieces {
			if done, _ := n.data.Piece(i); !done {
				missing = append(missing, i)
			}
		}
		waiting := readers
		switch {
		case len(missing) == 0:
			return
		case missing[0] == 0:
			waiting = 1
		}
		waiting = min(waiting, len(missing))
		n.SetWant(Want{Urgent: missing[:waiting], Soon: missing[waiting:]})
		<-n.news
	}
}

// sending is how long bytes take at a rate in bytes per second.
func sending(bytes int, rate int64) time.Duration {
	return time.Duration(float64(bytes) / float64(rate) * float64(time.Second))
}

// ratios are how much longer something took than it could, in several cases.
type ratios []float64

func (r *ratios) add(took, ideal time.Duration) { *r = append(*r, took.Seconds()/ideal.Seconds()) }

// at returns the ratio below which so many of them are, from 0 to 1.
func (r *ratios) at(share float64) float64 {
	slices.Sort(*r)
	return (*r)[min(int(share*float64(len(*r))), len(*r)-1)]
}

// want prints the ratios, and fails if their median or the last twentieth is above what is tolerated.
func (r *ratios) want(t testing.TB, median, late float64) {
	t.Helper()
	t.Logf("of the ideal: median %.2f, p95 %.2f, most %.2f (%d)", r.at(0.5), r.at(0.95), r.at(1), len(*r))
	if r.at(0.5) > median || r.at(0.95) > late {
		t.Errorf("more than %.2f and %.2f of the ideal", median, late)
	}
}
