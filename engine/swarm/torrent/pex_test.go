package torrent

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/netsim"
	"wtptui/engine/swarm/wire"
)

// listensAt has a puppet say that it listens.
func (p *puppet) listensAt(port uint16) netip.AddrPort {
	p.hello(func(h *wire.HelloMsg) { h.Port = port })
	return netip.AddrPortFrom(p.host.PublicAddr(), port)
}

// Whoever comes is told at once of those that can be called, and of changes later.
func TestPeersAreTold(t *testing.T) {
	inWorld(t, func(w *world) {
		n := w.node(options{whole: true})
		first := w.calls(n, manner{})
		addr := first.listensAt(5000)
		w.calls(n, manner{}).hello(nil) // It cannot be called.
		pass()
		second := w.calls(n, manner{})
		begin := time.Now()
		second.listensAt(6000)
		if m := second.hears(wire.Peers).Peers; !slices.Equal(m.Added, []netip.AddrPort{addr}) || len(m.Dropped) != 0 {
			w.Errorf("it is told %+v", m)
		}
		if took := time.Since(begin); took > time.Second {
			w.Errorf("it is told after %v", took)
		}
		first.Close()
		if m := second.hears(wire.Peers).Peers; len(m.Added) != 0 || !slices.Equal(m.Dropped, []netip.AddrPort{addr}) {
			w.Errorf("it is told %+v", m)
		}
		if took := time.Since(begin); took < pexInterval {
			w.Errorf("it is told again after %v", took)
		}
	})
}

// In a private torrent nobody is told of others, nor called because others said so. While nobody knows whether it is
// private nobody is told either.
func TestPrivate(t *testing.T) {
	inWorld(t, func(w *world) {
		stranger, given := w.listens(manner{}), w.listens(manner{})
		n := w.node(options{magnet: true})
		n.given(given.addr)
		was := given.meets()
		other := w.calls(n, manner{})
		other.listensAt(5000)
		early := w.calls(n, manner{})
		early.hello(nil)
		pass()
		n.AddFound(dial.DHT, []netip.AddrPort{stranger.addr})
		pass()
		stranger.meets()
		if heard, _ := early.heard(); len(of(heard, wire.Peers)) > 0 {
			w.Error("it is told of peers too early")
		}
		c := w.site.content(n.data)
		c.Private = true
		n.Open(c)
		for _, p := range []*puppet{was, other, early} {
			p.wantEnd(time.Second)
		}
		p := w.calls(n, manner{})
		p.hello(nil)
		if h := p.hears(wire.Hello).Hello; h.PEX || h.Holepunch {
			w.Errorf("%+v", h)
		}
		given.meets()
		p.Send(wire.Message{Type: wire.Peers, Peers: &wire.PeersMsg{Added: []netip.AddrPort{stranger.addr}}})
		p.Send(wire.Message{Type: wire.Holepunch, Holepunch: wire.HolepunchMsg{Kind: wire.Connect, Peer: stranger.addr}})
		n.AddFound(dial.LSD, []netip.AddrPort{stranger.addr})
		time.Sleep(10 * time.Minute)
		if len(stranger.met) > 0 {
			w.Error("a stranger is called")
		}
		if heard, _ := p.heard(); len(of(heard, wire.Peers)) > 0 {
			w.Error("peers are told in a private torrent")
		}
	})
}

// Whom peers name is called; but no peer can name any number of addresses.
func TestNamedPeersAreCalled(t *testing.T) {
	inWorld(t, func(w *world) {
		d := w.listens(manner{})
		n := w.node(options{})
		p := w.calls(n, manner{})
		p.hello(nil)
		pass()
		p.Send(wire.Message{Type: wire.Peers, Peers: &wire.PeersMsg{Added: []netip.AddrPort{d.addr}}})
		d.meets()
		for round := range 30 {
			m := &wire.PeersMsg{}
			for i := range maxPEXReceived {
				m.Added = append(m.Added, netip.AddrPortFrom(netip.AddrFrom4([4]byte{9, 9, byte(round), byte(i)}), 1))
			}
			p.Send(wire.Message{Type: wire.Peers, Peers: m})
			pass()
		}
		if known := n.Stats().Known; known > 1000 {
			w.Errorf("%d addresses are known", known)
		}
		named := 0
		n.run(func(o *owner) {
			for q := range o.peers {
				named = max(named, len(q.pexAddrs))
			}
		})
		if named > maxPEXPerPeer {
			w.Errorf("%d names are kept", named)
		}
	})
}

// Two peers that cannot call each other are brought together (BEP 55), if that is possible.
func TestRendezvous(t *testing.T) {
	for name, c := range map[string]struct {
		about     func(p, other *puppet, addr netip.AddrPort) netip.AddrPort
		otherwise func(h *wire.HelloMsg) // what the other one says of itself
		want      wire.HolepunchMsg
	}{
		"both can": {want: wire.HolepunchMsg{Kind: wire.Connect}},
		"no such peer": {
			about: func(_, _ *puppet, a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr(), 1) },
			want:  wire.HolepunchMsg{Kind: wire.HolepunchError, Code: notConnected},
		},
		"itself": {
			about: func(p, _ *puppet, _ netip.AddrPort) netip.AddrPort {
				return netip.AddrPortFrom(p.host.PublicAddr(), 5000)
			},
			want: wire.HolepunchMsg{Kind: wire.HolepunchError, Code: noSelf},
		},
		"the other one cannot": {
			otherwise: func(h *wire.HelloMsg) { h.Holepunch = false },
			want:      wire.HolepunchMsg{Kind: wire.HolepunchError, Code: noSupport},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				n := w.node(options{})
				p, other := w.calls(n, manner{}), w.calls(n, manner{})
				from := p.listensAt(5000)
				other.hello(func(h *wire.HelloMsg) {
					h.Port = 6000
					if c.otherwise != nil {
						c.otherwise(h)
					}
				})
				addr := netip.AddrPortFrom(other.host.PublicAddr(), 6000)
				pass()
				about := addr
				if c.about != nil {
					about = c.about(p, other, addr)
				}
				p.Send(wire.Message{Type: wire.Holepunch, Holepunch: wire.HolepunchMsg{Kind: wire.Rendezvous, Peer: about}})
				c.want.Peer = about
				if m := p.hears(wire.Holepunch).Holepunch; m != c.want {
					w.Errorf("it hears %+v", m)
				}
				pass()
				heard, _ := other.heard()
				told := of(heard, wire.Holepunch)
				if (c.want.Kind == wire.Connect) != (len(told) == 1) {
					w.Fatalf("the other one hears %+v", told)
				}
				if len(told) == 1 && told[0].Holepunch != (wire.HolepunchMsg{Kind: wire.Connect, Peer: from}) {
					w.Errorf("the other one hears %+v", told)
				}
			})
		})
	}
}

// Over uTP a peer is reached where it comes from.
func TestReachable(t *testing.T) {
	p := &peer{addr: netip.MustParseAddrPort("1.2.3.4:5"), origin: dial.Incoming}
	p.hello.Port = 6
	for via, want := range map[engine.Via]string{engine.UTP: "1.2.3.4:5", engine.TCP: "1.2.3.4:6"} {
		p.via = via
		if got, ok := p.holepunchAddr(); !ok || got.String() != want {
			t.Errorf("over %s at %v", via, got)
		}
	}
	p.via = engine.WebRTC
	if _, ok := p.holepunchAddr(); ok {
		t.Error("over WebRTC there is no address")
	}
}

// Two behind NATs meet with the help of somebody whom both have called.
func TestMeetThroughNATs(t *testing.T) {
	for nat, want := range map[netsim.NAT]bool{netsim.PortRestricted: true, netsim.Symmetric: false} {
		t.Run(nat.String(), func(t *testing.T) {
			inWorld(t, func(w *world) {
				relay := w.node(options{})
				link := netsim.Link{Latency: 10 * time.Millisecond, NAT: nat}
				a := newSimulated(w, w.net.Host("a", link), w.site, options{})
				b := newSimulated(w, w.net.Host("b", link), w.site, options{})
				a.given(relay.addr)
				b.given(relay.addr)
				time.Sleep(10 * time.Second)
				if met := a.HasPeerID(b.id) && b.HasPeerID(a.id); met != want {
					w.Errorf("they have met: %v", met)
				}
				if a.HasPeerID(b.id) {
					a.hangUp(relay.addr.String())
					pass()
					if a.Stats().Peers == 0 {
						w.Error("their connection does not last")
					}
				}
			})
		})
	}
}
