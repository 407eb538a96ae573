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

// runInWorld runs a test in virtual time, about a site of four pieces of two blocks.
func runInWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	simulate(t, 1, func(t *testing.T, n *netsim.Net) {
		test(&world{T: t, net: n, site: newSite(t, 4*pieceOfTwo, pieceOfTwo, 1)})
	})
}

const pieceOfTwo = 2 * wire.BlockSize

// node makes a node that listens.
func (w *world) node(o options) *node {
	w.Helper()
	return newSimNode(w, w.net.Host("node", netsim.Link{}), w.site, o)
}

// puppet is a peer that a test controls. It records the messages that it receives.
type puppet struct {
	*wire.Conn
	w        *world
	host     *netsim.Host
	messages chan wire.Message // closed when the connection has ended
	// wrongEvery is the number of blocks for each wrong one, or 0 if all are right.
	wrongEvery int
	info       []byte // what it tells
	// goroutines are what it does of its own accord, until its connection has ended.
	goroutines sync.WaitGroup
}

// puppetConfig is how a puppet behaves.
type puppetConfig struct {
	noFast     bool     // it does not know the fast extension
	id         [20]byte // one of its own if it is zero
	host       *netsim.Host
	wrongEvery int
}

func (m puppetConfig) handshake(s *site) wire.Handshake {
	if m.id == [20]byte{} {
		m.id = newID()
	}
	return wire.Handshake{Infohash: s.hash, PeerID: m.id, Extended: true, Fast: !m.noFast}
}

// connectPuppet connects a puppet to a node.
func (w *world) connectPuppet(n *node, m puppetConfig) *puppet {
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
	return w.startPuppet(conn, m)
}

func (w *world) startPuppet(c *wire.Conn, m puppetConfig) *puppet {
	p := &puppet{
		Conn: c, w: w, host: m.host, messages: make(chan wire.Message, 4096), wrongEvery: m.wrongEvery, info: w.site.info,
	}
	c.SetLayout(w.site.layout)
	c.Start(wire.Options{Block: p.block, Info: func() []byte { return p.info }})
	p.goroutines.Go(p.readMessages)
	w.Cleanup(func() {
		c.Close()
		c.Wait()
		p.goroutines.Wait()
	})
	return p
}

// puppetListener accepts connections as puppets.
type puppetListener struct {
	w       *world
	addr    netip.AddrPort
	host    *netsim.Host
	puppets chan *puppet
}

// listenAsPuppets returns a listener whose connections are puppets.
func (w *world) listenAsPuppets(m puppetConfig) *puppetListener {
	w.Helper()
	if m.host == nil {
		m.host = w.net.Host("door", netsim.Link{})
	}
	l, err := m.host.Listen(simPort)
	if err != nil {
		w.Fatal(err)
	}
	d := &puppetListener{w, netip.AddrPortFrom(m.host.PublicAddr(), simPort), m.host, make(chan *puppet, 16)}
	w.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d.accept(c, m)
		}
	}()
	return d
}

func (d *puppetListener) accept(c net.Conn, m puppetConfig) {
	ours := m.handshake(d.w.site)
	conn, err := wire.Accept(context.Background(), c, wire.AcceptOptions{
		Ours: func(h [20]byte) (wire.Handshake, bool) { return ours, h == d.w.site.hash },
	})
	if err == nil {
		d.puppets <- d.w.startPuppet(conn, m)
	}
}

// nextPuppet returns the puppet of the next connection.
func (d *puppetListener) nextPuppet() *puppet {
	d.w.Helper()
	select {
	case p := <-d.puppets:
		return p
	case <-time.After(time.Hour):
		d.w.Fatal("nobody calls")
		return nil
	}
}

func (p *puppet) block(b wire.Block, data []byte) error {
	clear(data)
	offset := int64(b.Piece)*p.w.site.layout.PieceLength + int64(b.Begin)
	if number := int(offset) / wire.BlockSize; p.wrongEvery == 0 || number%p.wrongEvery > 0 {
		copy(data, p.w.site.bytes[offset:])
	}
	return nil
}

func (p *puppet) readMessages() {
	defer close(p.messages)
	for {
		m, err := p.Read()
		if err != nil {
			return
		}
		p.messages <- m
	}
}

// sendTypes sends messages that consist of a type only.
func (p *puppet) sendTypes(types ...wire.Type) {
	for _, t := range types {
		p.Send(wire.Message{Type: t})
	}
}

// sendHello sends an extended handshake that supports everything.
func (p *puppet) sendHello(change func(h *wire.HelloMsg)) {
	h := &wire.HelloMsg{Client: "puppet", Metadata: true, PEX: true, Holepunch: true, Requests: 250}
	if change != nil {
		change(h)
	}
	p.Send(wire.Message{Type: wire.Hello, Hello: h})
}

// nextMessage returns the next message of a type, and skips those before it.
func (p *puppet) nextMessage(t wire.Type) wire.Message {
	p.w.Helper()
	for timeout := time.After(time.Hour); ; {
		select {
		case m, ok := <-p.messages:
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

// receivedMessages returns the messages received so far, and whether the connection has ended.
func (p *puppet) receivedMessages() (all []wire.Message, ended bool) {
	for {
		select {
		case m, ok := <-p.messages:
			if !ok {
				return all, true
			}
			all = append(all, m)
		default:
			return all, false
		}
	}
}

// expectDisconnect fails unless the node ends the connection in time.
func (p *puppet) expectDisconnect(within time.Duration) {
	p.w.Helper()
	for timeout := time.After(within); ; {
		select {
		case _, ok := <-p.messages:
			if !ok {
				return
			}
		case <-timeout:
			p.w.Fatalf("the connection has not ended after %v", within)
		}
	}
}

// expectConnected fails if the node has ended the connection.
func (p *puppet) expectConnected() {
	p.w.Helper()
	if _, ended := p.receivedMessages(); ended {
		p.w.Error("the connection has ended")
	}
}

// serveRequests answers all requests from now on.
func (p *puppet) serveRequests() {
	p.handleMessages(func(m wire.Message) {
		switch m.Type {
		case wire.Request:
			p.Serve(m.Block)
		case wire.InfoRequest:
			p.ServeInfo(m.Info.Piece)
		}
	})
}

// handleMessages has f called with all messages that come from now on.
func (p *puppet) handleMessages(f func(wire.Message)) {
	p.goroutines.Go(func() {
		for m := range p.messages {
			f(m)
		}
	})
}

// messagesOfType returns the messages of a type.
func messagesOfType(all []wire.Message, t wire.Type) (some []wire.Message) {
	for _, m := range all {
		if m.Type == t {
			some = append(some, m)
		}
	}
	return some
}

// waitASecond lets pending work finish.
func waitASecond() { time.Sleep(time.Second) }

// wireAddr is where nodes and puppets listen at a host.
func wireAddr(h *netsim.Host) netip.AddrPort { return netip.AddrPortFrom(h.PublicAddr(), simPort) }
