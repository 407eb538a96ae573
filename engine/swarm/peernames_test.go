package swarm

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// zone is a DNS that records its queries.
type zone struct {
	mu    sync.Mutex
	asked []string
}

func (z *zone) lookup(ctx context.Context, _, host string) ([]netip.Addr, error) {
	z.mu.Lock()
	z.asked = append(z.asked, host)
	z.mu.Unlock()
	switch host {
	case "peer.example", "localhost", "nas.local", "nas":
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	case "many.example":
		return slices.Repeat([]netip.Addr{netip.MustParseAddr("::ffff:25.1.2.3")}, 100), nil
	case "slow.example":
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, errors.New("no such host")
}

func (z *zone) names() *peerNames {
	return &peerNames{lookup: z.lookup, slots: make(chan struct{}, 1)}
}

func TestPeerNames(t *testing.T) {
	public, here := netip.MustParseAddr("25.1.1.1"), netip.MustParseAddr("127.0.0.1")
	for _, tc := range []struct {
		origin netip.Addr
		names  string
		want   string
		asked  string
	}{
		{public, "peer.example:80", "127.0.0.1:80", "peer.example"},
		{public, "25.9.9.9:1 [2001:db8::7]:6881", "25.9.9.9:1 [2001:db8::7]:6881", ""},
		{netip.Addr{}, "peer.example:80 other.example:81", "127.0.0.1:80", "peer.example other.example"},
		{public, "many.example:80", "25.1.2.3:80 25.1.2.3:80 25.1.2.3:80 25.1.2.3:80", "many.example"},
		{public, "peer.example:0 peer.example:65536 peer.example:x peer.example peer.example: :80 x", "", ""},
		{public, "localhost:80 nas.local:80 nas:80 a.onion:80 -x.example:1", "", ""},
		{netip.Addr{}, "localhost:80 " + strings.Repeat("ab", 20) + ":80", "", ""},
		{here, "localhost:80 nas:81", "127.0.0.1:80 127.0.0.1:81", "localhost nas"},
		{netip.MustParseAddr("192.168.1.1"), "nas.local:80", "127.0.0.1:80", "nas.local"},
		{
			public, strings.Repeat("peer.example:1 ", maxPeerNames+5),
			strings.TrimSpace(strings.Repeat("127.0.0.1:1 ", maxPeerNames)),
			strings.TrimSpace(strings.Repeat("peer.example ", maxPeerNames)),
		},
	} {
		z := &zone{}
		var got []string
		for _, a := range z.names().resolve(t.Context(), tc.origin, strings.Fields(tc.names)) {
			got = append(got, a.String())
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%v names %q: %q, want %q", tc.origin, tc.names, s, tc.want)
		}
		if s := strings.Join(z.asked, " "); s != tc.asked {
			t.Errorf("%v names %q: %q were looked up, want %q", tc.origin, tc.names, s, tc.asked)
		}
	}
}

// TestPeerNamesEndInTime: neither a slow resolver nor waiting for others' look-ups holds anybody up for long.
func TestPeerNamesEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &zone{}
		n := z.names()
		names := []string{"slow.example:1", "slow.example:2"}
		begin := time.Now()
		if got := n.resolve(t.Context(), netip.Addr{}, names); got != nil || len(z.asked) != 2 {
			t.Errorf("found %v, asked for %q", got, z.asked)
		}
		if took := time.Since(begin); took != 2*nameTimeout {
			t.Errorf("two names that are not found took %v", took)
		}
		n.slots <- struct{}{} // of somebody else's look-up
		begin = time.Now()
		if got := n.resolve(t.Context(), netip.Addr{}, names); got != nil || len(z.asked) != 2 {
			t.Errorf("found %v, asked for %q", got, z.asked)
		}
		if took := time.Since(begin); took != namesTimeout {
			t.Errorf("waiting for room took %v", took)
		}
	})
}

// TestNamesLeadNowhereInside: what a name of a stranger resolves to is judged like an address that the stranger names.
func TestNamesLeadNowhereInside(t *testing.T) {
	s := newSite(t, 16<<10, 100_000)
	seed := start(t, config(t))
	publish(t, seed, s)
	c := start(t, config(t))
	z := &zone{}
	c.names = z.names()
	tor := add(t, c, Spec{Infohash: s.hash})
	name := []string{net.JoinHostPort("peer.example", itoa(seed.Status().Port))}
	h := tor.(*handle)
	h.addNamedPeers(t.Context(), netip.MustParseAddr("25.1.1.1"), name)
	tor.AddSources(nil, nil, append(name, "127.0.0.1:"+itoa(seed.Status().Port)))
	h.wg.Wait() // for the hint
	if known := tor.Stats().Known; known != 0 || len(z.asked) != 2 {
		t.Errorf("%d peers are known by names of strangers that lead here; asked for %q", known, z.asked)
	}
	h.addNamedPeers(t.Context(), netip.MustParseAddr("127.0.0.1"), name)
	ready(t, tor)
	same(t, tor, s)
}
