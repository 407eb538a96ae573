package torrent

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"wtptui/engine/swarm/netsim"
	"wtptui/engine/swarm/wire"
)

// world is a simulated network without delays.
type world struct {
	*testing.T
	net  *netsim.Net
	site *site
}

// inWorld runs a test in virtual time, about a site of four pieces of two blocks.
func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	simulate(t, 1, func(t *testing.T, n *netsim.Net) {
		test(&world{T: t, net: n, site: newSite(t, 4*pieceOfTwo, pieceOfTwo, 1)})
	})
}

const pieceOfTwo = 2 * wire.BlockSize

// node makes a node that listens.
func (w *world) node(o options) *node {
	w.Helper()
	return newSimulated(w, w.net.Host("node", netsim.Link{}), w.site, o)
}

// puppet is a peer that says what a test wants, and remembers what it hears.
type puppet struct {
	*wire.Conn
	w    *world
	host *netsim.Host
	said chan wire.Message // closed when the connection has ended
	// lies says how many blocks there are to a wrong one; 0 if all are right.
	lies int
	info []byte // what it tells
	// acts are what it does of its own accord, until its connection has ended.
	acts sync.WaitGroup
}

// manner is how a puppet behaves.
type manner struct {
	slow bool     // it does not know the fast extension
	id   [20]byte // one of its own if it is zero
	host *netsim.Host
	lies int
}

func (m manner) handshake(s *site) wire.Handshake {
	if m.id == [20]byte{} {
		m.id = newID()
	}
	return wire.Handshake{Infohash: s.hash, PeerID: m.id, Extended: true, Fast: !m.slow}
}

// calls has a puppet call a node.
func (w *world) calls(n *node, m manner) *puppet {
	w.Helper()
	if m.host == nil {
		m.host = w.net.Host("puppet", netsim.Link{})
	}
	c, err := m.host.Dial(w.Context(), n.addr)
	if err != nil {
		w.Fatal(err)
	}
	conn, err := wire.Dial(w.Context(), c, m.handshake(w.site), false)
	if err != nil {
		w.Fatal(err)
	}
	return w.puppet(conn, m)
}

func (w *world) puppet(c *wire.Conn, m manner) *puppet {
	p := &puppet{Conn: c, w: w, host: m.host, said: make(chan wire.Message, 4096), lies: m.lies, info: w.site.info}
	c.SetLayout(w.site.layout)
	c.Start(wire.Options{Block: p.block, Info: func() []byte { return p.info }})
	p.acts.Go(p.hear)
	w.Cleanup(func() {
		c.Close()
		c.Wait()
		p.acts.Wait()
	})
	return p
}

// door is where puppets are called.
type door struct {
	w    *world
	addr netip.AddrPort
	host *netsim.Host
	met  chan *puppet
}

// listens has puppets answer calls to a host of their own.
func (w *world) listens(m manner) *door {
	w.Helper()
	if m.host == nil {
		m.host = w.net.Host("door", netsim.Link{})
	}
	l, err := m.host.Listen(simPort)
	if err != nil {
		w.Fatal(err)
	}
	d := &door{w, netip.AddrPortFrom(m.host.PublicAddr(), simPort), m.host, make(chan *puppet, 16)}
	w.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d.answer(c, m)
		}
	}()
	return d
}

func (d *door) answer(c net.Conn, m manner) {
	ours := m.handshake(d.w.site)
	conn, err := wire.Accept(context.Background(), c, wire.AcceptOptions{
		Ours: func(h [20]byte) (wire.Handshake, bool) { return ours, h == d.w.site.hash },
	})
	if err == nil {
		d.met <- d.w.puppet(conn, m)
	}
}

// meets returns the next puppet that was called.
func (d *door) meets() *puppet {
	d.w.Helper()
	select {
	case p := <-d.met:
		return p
	case <-time.After(time.Hour):
		d.w.Fatal("nobody calls")
		return nil
	}
}

func (p *puppet) block(b wire.Block, data []byte) error {
	clear(data)
	if number := int(int64(b.Piece)*p.w.site.layout.PieceLength+int64(b.Begin)) / wire.BlockSize; p.lies == 0 ||
		number%p.lies > 0 {
		copy(data, p.w.site.bytes[int64(b.Piece)*p.w.site.layout.PieceLength+int64(b.Begin):])
	}
	return nil
}

func (p *puppet) hear() {
	defer close(p.said)
	for {
		m, err := p.Read()
		if err != nil {
			return
		}
		p.said <- m
	}
}

// tells sends messages that have nothing but a type.
func (p *puppet) tells(types ...wire.Type) {
	for _, t := range types {
		p.Send(wire.Message{Type: t})
	}
}

// hello sends an extended handshake that offers everything.
func (p *puppet) hello(change func(h *wire.HelloMsg)) {
	h := &wire.HelloMsg{Client: "puppet", Metadata: true, PEX: true, Holepunch: true, Requests: 250}
	if change != nil {
		change(h)
	}
	p.Send(wire.Message{Type: wire.Hello, Hello: h})
}

// hears returns the next message of a type, whatever comes before it.
func (p *puppet) hears(t wire.Type) wire.Message {
	p.w.Helper()
	for timeout := time.After(time.Hour); ; {
		select {
		case m, ok := <-p.said:
			switch {
			case !ok:
				p.w.Fatalf("the connection has ended before a message of type %d", t)
			case m.Type == t:
				return m
			}
		case <-timeout:
			p.w.Fatalf("no message of type %d", t)
		}
	}
}

// heard returns what has been heard by now, and whether the connection has ended.
func (p *puppet) heard() (all []wire.Message, ended bool) {
	for {
		select {
		case m, ok := <-p.said:
			if !ok {
				return all, true
			}
			all = append(all, m)
		default:
			return all, false
		}
	}
}

// wantEnd fails unless the node ends the connection in time.
func (p *puppet) wantEnd(within time.Duration) {
	p.w.Helper()
	for timeout := time.After(within); ; {
		select {
		case _, ok := <-p.said:
			if !ok {
				return
			}
		case <-timeout:
			p.w.Fatalf("the connection has not ended after %v", within)
		}
	}
}

// wantStays fails if the node has ended the connection.
func (p *puppet) wantStays() {
	p.w.Helper()
	if _, ended := p.heard(); ended {
		p.w.Error("the connection has ended")
	}
}

// serves answers all requests from now on.
func (p *puppet) serves() {
	p.answers(func(m wire.Message) {
		switch m.Type {
		case wire.Request:
			p.Serve(m.Block)
		case wire.InfoRequest:
			p.ServeInfo(m.Info.Piece)
		}
	})
}

// answers has f called with all messages that come from now on.
func (p *puppet) answers(f func(wire.Message)) {
	p.acts.Go(func() {
		for m := range p.said {
			f(m)
		}
	})
}

// of returns the messages of a type.
func of(all []wire.Message, t wire.Type) (some []wire.Message) {
	for _, m := range all {
		if m.Type == t {
			some = append(some, m)
		}
	}
	return some
}

// pass lets some time pass in which everything settles.
func pass() { time.Sleep(time.Second) }

// wireAddr is where nodes and puppets listen at a host.
func wireAddr(h *netsim.Host) netip.AddrPort { return netip.AddrPortFrom(h.PublicAddr(), simPort) }
