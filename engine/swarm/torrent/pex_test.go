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

// announcePort sends an extended handshake with a listening port, and returns its address.
func (p *puppet) announcePort(port uint16) netip.AddrPort {
	p.sendHello(func(h *wire.HelloMsg) { h.Port = port })
	return netip.AddrPortFrom(p.host.PublicAddr(), port)
}

// A new peer is sent the addresses that can be dialed at once, and changes later.
func TestPEXIsSent(t *testing.T) {
	runInWorld(t, func(w *world) {
		n := w.node(options{complete: true})
		first := w.connectPuppet(n, puppetConfig{})
		addr := first.announcePort(5000)
		w.connectPuppet(n, puppetConfig{}).sendHello(nil) // It cannot be called.
		waitASecond()
		second := w.connectPuppet(n, puppetConfig{})
		begin := time.Now()
		second.announcePort(6000)
		if m := second.nextMessage(wire.Peers).Peers; !slices.Equal(m.Added, []netip.AddrPort{addr}) || len(m.Dropped) != 0 {
			w.Errorf("it is told %+v", m)
		}
		if took := time.Since(begin); took > time.Second {
			w.Errorf("it is told after %v", took)
		}
		first.Close()
		if m := second.nextMessage(wire.Peers).Peers; len(m.Added) != 0 || !slices.Equal(m.Dropped, []netip.AddrPort{addr}) {
			w.Errorf("it is told %+v", m)
		}
		if took := time.Since(begin); took < pexInterval {
			w.Errorf("it is told again after %v", took)
		}
	})
}

// In a private torrent no addresses are sent to peers, nor are those dialed that peers name. The same holds while it is
// unknown whether the torrent is private.
func TestPrivateTorrentHasNoPEX(t *testing.T) {
	runInWorld(t, func(w *world) {
		stranger, given := w.listenAsPuppets(puppetConfig{}), w.listenAsPuppets(puppetConfig{})
		n := w.node(options{magnet: true})
		n.addGivenPeers(given.addr)
		was := given.nextPuppet()
		other := w.connectPuppet(n, puppetConfig{})
		other.announcePort(5000)
		early := w.connectPuppet(n, puppetConfig{})
		early.sendHello(nil)
		waitASecond()
		n.AddFound(dial.DHT, []netip.AddrPort{stranger.addr})
		waitASecond()
		stranger.nextPuppet()
		if heard, _ := early.receivedMessages(); len(messagesOfType(heard, wire.Peers)) > 0 {
			w.Error("it is told of peers too early")
		}
		c := w.site.content(n.data)
		c.Private = true
		n.Open(c)
		for _, p := range []*puppet{was, other, early} {
			p.expectDisconnect(time.Second)
		}
		p := w.connectPuppet(n, puppetConfig{})
		p.sendHello(nil)
		if h := p.nextMessage(wire.Hello).Hello; h.PEX || h.Holepunch {
			w.Errorf("%+v", h)
		}
		given.nextPuppet()
		p.Send(wire.Message{Type: wire.Peers, Peers: &wire.PeersMsg{Added: []netip.AddrPort{stranger.addr}}})
		p.Send(wire.Message{Type: wire.Holepunch, Holepunch: wire.HolepunchMsg{Kind: wire.Connect, Peer: stranger.addr}})
		n.AddFound(dial.LSD, []netip.AddrPort{stranger.addr})
		time.Sleep(10 * time.Minute)
		if len(stranger.puppets) > 0 {
			w.Error("a stranger is called")
		}
		if heard, _ := p.receivedMessages(); len(messagesOfType(heard, wire.Peers)) > 0 {
			w.Error("peers are told in a private torrent")
		}
	})
}

// Peers that others name are dialed, but a peer can name a limited number of addresses only.
func TestPEXPeersAreDialed(t *testing.T) {
	runInWorld(t, func(w *world) {
		d := w.listenAsPuppets(puppetConfig{})
		n := w.node(options{})
		p := w.connectPuppet(n, puppetConfig{})
		p.sendHello(nil)
		waitASecond()
		p.Send(wire.Message{Type: wire.Peers, Peers: &wire.PeersMsg{Added: []netip.AddrPort{d.addr}}})
		d.nextPuppet()
		for round := range 30 {
			m := &wire.PeersMsg{}
			for i := range maxPEXReceived {
				m.Added = append(m.Added, netip.AddrPortFrom(netip.AddrFrom4([4]byte{9, 9, byte(round), byte(i)}), 1))
			}
			p.Send(wire.Message{Type: wire.Peers, Peers: m})
			waitASecond()
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

// Two peers that cannot dial each other are introduced (BEP 55) if that is possible.
func TestHolepunchRendezvous(t *testing.T) {
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
			runInWorld(t, func(w *world) {
				n := w.node(options{})
				p, other := w.connectPuppet(n, puppetConfig{}), w.connectPuppet(n, puppetConfig{})
				from := p.announcePort(5000)
				other.sendHello(func(h *wire.HelloMsg) {
					h.Port = 6000
					if c.otherwise != nil {
						c.otherwise(h)
					}
				})
				addr := netip.AddrPortFrom(other.host.PublicAddr(), 6000)
				waitASecond()
				about := addr
				if c.about != nil {
					about = c.about(p, other, addr)
				}
				p.Send(wire.Message{Type: wire.Holepunch, Holepunch: wire.HolepunchMsg{Kind: wire.Rendezvous, Peer: about}})
				c.want.Peer = about
				if m := p.nextMessage(wire.Holepunch).Holepunch; m != c.want {
					w.Errorf("it hears %+v", m)
				}
				waitASecond()
				heard, _ := other.receivedMessages()
				told := messagesOfType(heard, wire.Holepunch)
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

// Over uTP a peer is reached at the address that it has connected from.
func TestHolepunchAddr(t *testing.T) {
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
			runInWorld(t, func(w *world) {
				relay := w.node(options{})
				link := netsim.Link{Latency: 10 * time.Millisecond, NAT: nat}
				a := newSimNode(w, w.net.Host("a", link), w.site, options{})
				b := newSimNode(w, w.net.Host("b", link), w.site, options{})
				a.addGivenPeers(relay.addr)
				b.addGivenPeers(relay.addr)
				time.Sleep(10 * time.Second)
				if met := a.HasPeerID(b.id) && b.HasPeerID(a.id); met != want {
					w.Errorf("they have met: %v", met)
				}
				if a.HasPeerID(b.id) {
					a.disconnectPeer(relay.addr.String())
					waitASecond()
					if a.Stats().Peers == 0 {
						w.Error("their connection does not last")
					}
				}
			})
		})
	}
}
