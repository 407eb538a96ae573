package netsim

import (
	"context"
	"net"
	"testing"
	"time"
)

var nats = []NAT{Open, FullCone, PortRestricted, Symmetric}

// reaches reports whether a host can dial another within a time.
func reaches(from, to *Host, within time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	c, err := from.Dial(ctx, publicAddr(to))
	if err == nil {
		c.Close()
	}
	return err == nil
}

func TestNAT(t *testing.T) {
	for _, from := range nats {
		for _, to := range nats {
			t.Run(from.String()+" to "+to.String(), func(t *testing.T) {
				simulate(t, func(t *testing.T, n *Net) {
					a := n.Host("a", Link{Latency: 20 * ms, NAT: from})
					b := n.Host("b", Link{Latency: 20 * ms, NAT: to})
					other := n.Host("other", Link{Latency: 20 * ms})
					for _, h := range []*Host{a, b, other} {
						listen(t, h)
					}
					if got, want := reaches(a, b, 5*time.Second), to == Open; got != want {
						t.Errorf("dialing one that has sent nothing: %v, want %v", got, want)
					}
					if !reaches(b, other, time.Second) {
						t.Error("a host with a public address is not reached")
					}
					if got, want := reaches(a, b, 5*time.Second), to <= FullCone; got != want {
						t.Errorf("dialing one that has sent something: %v, want %v", got, want)
					}
					time.Sleep(10 * time.Minute)
					if got, want := reaches(a, b, 5*time.Second), to == Open; got != want {
						t.Errorf("dialing one that has sent nothing lately: %v, want %v", got, want)
					}
					// Both at once: only what both restrict does not work if one is symmetric.
					back := make(chan bool)
					go func() { back <- reaches(b, a, 5*time.Second) }()
					got := reaches(a, b, 5*time.Second)
					got = <-back || got
					want := from+to < PortRestricted+Symmetric || from == Open || to == Open || from == FullCone || to == FullCone
					if got != want {
						t.Errorf("dialing at once: %v, want %v", got, want)
					}
				})
			})
		}
	}
}

func TestHostsBehindARouter(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		router := n.Host("router", Link{Up: 1e6, Down: 1e6, Latency: 20 * ms, NAT: PortRestricted})
		a := n.Behind(router, "a", Link{Up: 100e6, Down: 100e6, Latency: 2 * ms})
		b := n.Behind(router, "b", Link{Up: 100e6, Down: 100e6, Latency: 1 * ms})
		far := n.Host("far", Link{Latency: 10 * ms})
		listen(t, b)
		if a.PublicAddr() != router.Addr() || !a.Addr().IsPrivate() || a.Addr() == b.Addr() {
			t.Errorf("addresses are %v and %v behind %v", a.Addr(), b.Addr(), a.PublicAddr())
		}
		if reaches(far, b, 5*time.Second) {
			t.Error("a host behind a router is reached from outside")
		}
		start := time.Now()
		c, err := a.Dial(t.Context(), netAddr(b))
		if err != nil {
			t.Fatal(err)
		}
		expectNear(t, "dialing at home", time.Since(start), 6*ms, 0)
		c.Close()
		start = time.Now()
		out, in := connect(t, a, far)
		expectNear(t, "dialing", time.Since(start), 96*ms, 0)
		if got := in.RemoteAddr().(*net.TCPAddr).AddrPort().Addr(); got != router.Addr() {
			t.Errorf("far sees %s", got)
		}
		expectNear(t, "a transfer", transfer(t, out, in, 5e6), 5*time.Second, 0.06)
		expectNear(t, "a transfer", transfer(t, in, out, 5e6), 5*time.Second, 0.06)

		router.SetLink(Link{Latency: 20 * ms, NAT: Open})
		if !reaches(far, b, time.Second) {
			t.Error("a host with a forwarded port is not reached")
		}
		router.Down()
		if reaches(far, b, 10*time.Second) {
			t.Error("a host behind a router that is down is reached")
		}
		router.Up()
		if !reaches(far, b, time.Second) {
			t.Error("a host behind a router that is up again is not reached")
		}
	})
}
