package dial

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine/swarm/wire"
)

func torrent(n int) wire.Handshake { return wire.Handshake{Infohash: [20]byte{byte(n), byte(n >> 8)}} }

// dialAll lets each torrent dial n peers, one torrent after the other. The peers of a torrent are on the hosts from
// 1,000 times its number on. wait returns after all dials.
func dialAll(ctx context.Context, d *Dialer, torrents, n int) (wait func()) {
	var wg sync.WaitGroup
	for i := range torrents {
		for j := range n {
			wg.Go(func() { _, _, _ = d.Dial(ctx, at(1000*i+j), torrent(i)) })
		}
		synctest.Wait()
	}
	return wg.Wait
}

func torrentOf(peer netip.AddrPort) int {
	ip := peer.Addr().As4()
	return (int(ip[1])<<16 + int(ip[2])<<8 + int(ip[3])) / 1000
}

// The number of simultaneous dials is limited, and each torrent gets its share of them.
func TestBudgetIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hosts: func(netip.AddrPort) host { return host{nobody, nobody} }}
		d := New(Config{Ways: n.ways(), MaxHalfOpen: 20, Rate: 1e6, Burst: 1e6})
		defer n.end(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		wait := dialAll(ctx, d, 100, 30)
		const enough = 20 + 100 + 20 // Calls that may begin at the same time do so in any order.
		for len(n.tried()) < enough {
			<-time.After(time.Second)
		}
		cancel()
		wait()
		if n.most > 20 {
			t.Errorf("%d connections were in the making", n.most)
		}
		seen := map[int]bool{}
		for _, d := range n.dials[:enough] {
			seen[torrentOf(d.peer)] = true
		}
		if len(seen) != 100 {
			t.Errorf("%d of 100 torrents have had a turn", len(seen))
		}
		// The first 20 places were taken before others asked. Then each torrent gets one before one gets two.
		if first := torrentOf(n.dials[19].peer); first != 0 {
			t.Errorf("the twentieth place went to torrent %d", first)
		}
	})
}

// Dials start at a limited rate. One dial alone starts at once.
func TestBudgetRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hosts: func(netip.AddrPort) host { return host{refuses, refuses} }}
		d := New(Config{Ways: n.ways()[:1], MaxHalfOpen: 1000})
		defer n.end(t, d)
		began := time.Now()
		dialAll(t.Context(), d, 10, 15)()
		if took := time.Since(began); took < 4*time.Second || took > 4*time.Second+2*rtt {
			t.Errorf("150 calls took %v", took)
		}
		<-time.After(time.Minute)
		n.mu.Lock()
		n.dials = nil
		n.mu.Unlock()
		began = time.Now()
		_, _, _ = d.Dial(t.Context(), at(1), torrent(1))
		if at := n.dials[0].at; !at.Equal(began) {
			t.Errorf("a single call waits for %v", at.Sub(began))
		}
	})
}

// A second attempt at the same peer does not wait, but uses the budget, so that the next peer waits.
func TestBudgetCountsSecondAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hosts: func(netip.AddrPort) host { return host{takesMSE, nobody} }}
		d := New(Config{Ways: n.ways()[:1], Rate: 1, Burst: 1})
		defer n.end(t, d)
		if took := mustDial(t, d, at(1)); took > 5*rtt {
			t.Errorf("it took %v", took)
		}
		if took := mustDial(t, d, at(2)); took < time.Second || took > 3*time.Second {
			t.Errorf("the next one took %v", took)
		}
	})
}

// Dials without an answer time out earlier while many others wait, but not too early.
func TestBudgetIsFreedByFailedDials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hosts: func(netip.AddrPort) host { return host{nobody, nobody} }}
		d := New(Config{Ways: n.ways()[:1], MaxHalfOpen: 10, Rate: 1e6, Burst: 1e6})
		defer n.end(t, d)
		began := time.Now()
		dialAll(t.Context(), d, 1, 100)()
		if took := time.Since(began); took < 30*time.Second || took > 60*time.Second {
			t.Errorf("100 calls took %v", took)
		}
	})
}

// A dial that waits for the budget can be cancelled, and then uses none of it.
func TestBudgetWaitIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hosts: func(p netip.AddrPort) host {
			if p == at(5) {
				return host{takesAll, takesAll}
			}
			return host{nobody, nobody}
		}}
		d := New(Config{Ways: n.ways(), MaxHalfOpen: 1, Timeout: time.Second})
		defer n.end(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		wait := dialAll(ctx, d, 4, 4)
		cancel()
		wait()
		if b := d.budget; b.free != 1 || b.waiting != 0 || len(b.queues) != 0 || len(b.turns) != 0 || b.timer != nil {
			t.Errorf("%+v is left", b)
		}
		mustDial(t, d, at(5))
		short, cancel := context.WithTimeout(t.Context(), rtt)
		defer cancel()
		wait = dialAll(t.Context(), d, 1, 1)
		if _, _, err := d.Dial(short, at(5), ourselves); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		wait()
	})
}
