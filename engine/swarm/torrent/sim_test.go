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

// simSize returns a number for simulations: few, fewer in a short test, or as many as in practice.
func simSize(few, many int) int {
	switch {
	case *soak:
		return many
	case testing.Short():
		return max(1, few/3)
	}
	return few
}

// simDialer dials over a simulated network.
type simDialer struct {
	host  *netsim.Host
	calls atomic.Int64
}

func (c *simDialer) Dial(
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

// newSimNode returns a node on a host.
func newSimNode(t testing.TB, h *netsim.Host, s *site, o options) *node {
	t.Helper()
	o.dialer, o.port = &simDialer{host: h}, simPort
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

// browse reads like a browser: the first piece, and then what some readers wait for, with all other pieces of the page
// after it. It returns when all are here.
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

// sendTime returns how long bytes take at a rate in bytes per second.
func sendTime(bytes int, rate int64) time.Duration {
	return time.Duration(float64(bytes) / float64(rate) * float64(time.Second))
}

// ratios are actual times divided by ideal ones.
type ratios []float64

func (r *ratios) add(took, ideal time.Duration) { *r = append(*r, took.Seconds()/ideal.Seconds()) }

// quantile returns the given quantile, from 0 to 1.
func (r *ratios) quantile(share float64) float64 {
	slices.Sort(*r)
	return (*r)[min(int(share*float64(len(*r))), len(*r)-1)]
}

// expectAtMost logs the ratios, and fails if their median or 95th percentile is above its limit.
func (r *ratios) expectAtMost(t testing.TB, median, late float64) {
	t.Helper()
	half, most, maximum := r.quantile(0.5), r.quantile(0.95), r.quantile(1)
	t.Logf("of the ideal: median %.2f, p95 %.2f, maximum %.2f (%d)", half, most, maximum, len(*r))
	if half > median || most > late {
		t.Errorf("more than %.2f and %.2f of the ideal", median, late)
	}
}
