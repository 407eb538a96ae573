package torrent

import (
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

// nextRequests returns the next n requests.
func (p *puppet) nextRequests(n int) []wire.Block {
	p.w.Helper()
	var all []wire.Block
	for range n {
		all = append(all, p.nextMessage(wire.Request).Block)
	}
	return all
}

// waitUntilComplete waits until a node has everything.
func (w *world) waitUntilComplete(n *node) {
	w.Helper()
	select {
	case <-n.finished:
		n.expectComplete(w.T)
	case <-time.After(time.Hour):
		w.Fatal("the site does not come")
	}
}

// requestFate is what becomes of eight requests that a peer has got.
type requestFate struct {
	slow bool // no fast extension
	do   func(w *world, n *node, p *puppet, requested []wire.Block)
}

// requestFates are the fates of requests, by their descriptions.
var requestFates = map[string]requestFate{
	"choked and unchoked, not fast": {slow: true, do: func(_ *world, _ *node, p *puppet, _ []wire.Block) {
		p.sendTypes(wire.Choke)
		waitASecond()
		p.sendTypes(wire.Unchoke)
		p.serveRequests()
	}},
	"choked, rejected and unchoked": {do: func(_ *world, _ *node, p *puppet, requested []wire.Block) {
		p.sendTypes(wire.Choke)
		p.sendRejects(requested)
		waitASecond()
		p.sendTypes(wire.Unchoke)
		p.serveRequests()
	}},
	"choked, and sent all the same": {do: func(_ *world, _ *node, p *puppet, requested []wire.Block) {
		p.sendTypes(wire.Choke)
		for _, b := range requested {
			p.Serve(b)
		}
	}},
	"rejected": {do: func(_ *world, _ *node, p *puppet, requested []wire.Block) {
		p.sendRejects(requested)
		p.serveRequests()
	}},
	"choked, and another one comes": {slow: true, do: func(w *world, n *node, p *puppet, _ []wire.Block) {
		p.sendTypes(wire.Choke)
		w.connectSeed(n, puppetConfig{})
	}},
	"rejected, and another one comes": {do: func(w *world, n *node, p *puppet, requested []wire.Block) {
		p.sendRejects(requested)
		w.connectSeed(n, puppetConfig{})
	}},
	"it leaves": {do: func(w *world, n *node, p *puppet, _ []wire.Block) {
		p.Close()
		w.connectSeed(n, puppetConfig{})
	}},
	"it leaves after half a piece": {do: func(w *world, n *node, p *puppet, requested []wire.Block) {
		p.Serve(requested[0])
		waitASecond()
		p.Close()
		w.connectSeed(n, puppetConfig{})
	}},
	"it says nothing": {do: func(w *world, n *node, _ *puppet, _ []wire.Block) { w.connectSeed(n, puppetConfig{}) }},
	"it says nothing, and the other one is not fast": {do: func(w *world, n *node, _ *puppet, _ []wire.Block) {
		w.connectSeed(n, puppetConfig{noFast: true})
	}},
	"it has nothing any more": {do: func(w *world, n *node, p *puppet, requested []wire.Block) {
		p.sendRejects(requested)
		p.sendTypes(wire.HaveNone)
		w.connectSeed(n, puppetConfig{})
	}},
}

// After any fate of a request its block arrives, either from that peer later or from another one.
func TestRequestsAreNotLost(t *testing.T) {
	const blocks = 8
	for name, fate := range requestFates {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				n := w.node(options{})
				p := w.connectPuppet(n, puppetConfig{noFast: fate.slow})
				p.Send(w.fullBitfield())
				p.sendTypes(wire.Unchoke)
				p.nextMessage(wire.Interested)
				fate.do(w, n, p, p.nextRequests(blocks))
				w.waitUntilComplete(n)
				if down := n.Stats().Down; down != w.site.layout.Size {
					w.Errorf("%d bytes counted", down)
				}
			})
		})
	}
}

func (p *puppet) sendRejects(all []wire.Block) {
	for _, b := range all {
		p.Send(wire.Message{Type: wire.Reject, Block: b})
	}
}

// fullBitfield returns the bitfield of a complete peer, which need not have the fast extension.
func (w *world) fullBitfield() wire.Message {
	bits := make([]byte, (w.site.layout.Pieces+7)/8)
	for i := range w.site.layout.Pieces {
		bits[i/8] |= 0x80 >> (i % 8)
	}
	return wire.Message{Type: wire.Bitfield, Bits: bits}
}

// connectSeed connects a puppet that has everything and serves it.
func (w *world) connectSeed(n *node, m puppetConfig) *puppet {
	w.Helper()
	p := w.connectPuppet(n, m)
	p.sendHello(func(h *wire.HelloMsg) { h.InfoSize = len(w.site.info) })
	p.Send(w.fullBitfield())
	p.sendTypes(wire.Unchoke)
	p.serveRequests()
	return p
}

// A peer that chokes us still serves the pieces that it has declared as allowed.
func TestAllowedFast(t *testing.T) {
	for name, magnet := range map[string]bool{"content known": false, "infohash alone": true} {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				n := w.node(options{magnet: magnet})
				p := w.connectPuppet(n, puppetConfig{})
				p.sendHello(func(h *wire.HelloMsg) { h.InfoSize = len(w.site.info) })
				p.Send(w.fullBitfield(), wire.Message{Type: wire.AllowedFast, Block: wire.Block{Piece: 2}})
				p.serveRequests()
				<-n.pieceCompletion(2)
				waitASecond()
				if down := n.Stats().Down; down != pieceOfTwo {
					w.Errorf("%d bytes came", down)
				}
			})
		})
	}
}

// Blocks that were not requested are dropped, and a peer that sends many is disconnected.
func TestUnrequestedBlocks(t *testing.T) {
	runInWorld(t, func(w *world) {
		n := w.node(options{})
		p := w.connectPuppet(n, puppetConfig{})
		b := wire.Block{Length: wire.BlockSize}
		for range maxUnrequestedBytes / wire.BlockSize {
			p.Serve(b)
			time.Sleep(time.Millisecond)
		}
		p.expectConnected()
		p.Serve(b)
		p.expectDisconnect(time.Minute)
		if down := n.Stats().Down; down != 0 {
			w.Errorf("%d bytes were taken", down)
		}
	})
}

// Messages that arrive before the content is known are checked once it is.
func TestMessagesBeforeContentIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		say  func(w *world, p *puppet)
		want int // blocks that it is asked for
	}{
		"everything": {func(_ *world, p *puppet) { p.sendTypes(wire.HaveAll) }, 8},
		"nothing":    {func(_ *world, p *puppet) { p.sendTypes(wire.HaveNone) }, 0},
		"some": {func(_ *world, p *puppet) {
			p.Send(wire.Message{Type: wire.Bitfield, Bits: []byte{0x50}})
		}, 4},
		"some, one by one": {func(_ *world, p *puppet) { p.sendHaves(3, 1) }, 4},
		"spare bits": {func(_ *world, p *puppet) {
			p.Send(wire.Message{Type: wire.Bitfield, Bits: []byte{0x5f, 1}})
		}, 4},
		"too few bits": {func(_ *world, p *puppet) {
			p.Send(wire.Message{Type: wire.Bitfield})
			p.sendHaves(0)
		}, 2},
		"a piece there is not":   {func(_ *world, p *puppet) { p.sendHaves(1, 4000) }, 2},
		"everything, then some":  {func(_ *world, p *puppet) { p.sendTypes(wire.HaveAll); p.sendHaves(2) }, 8},
		"nothing, and then some": {func(_ *world, p *puppet) { p.sendTypes(wire.HaveNone); p.sendHaves(2) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				n := w.node(options{magnet: true})
				p := w.connectPuppet(n, puppetConfig{})
				p.SetLayout(wire.Layout{Pieces: wire.MaxPieces})
				c.say(w, p)
				p.sendTypes(wire.Unchoke)
				waitASecond()
				n.Open(w.site.content(n.data))
				waitASecond()
				all, ended := p.receivedMessages()
				if got := len(messagesOfType(all, wire.Request)); ended || got != c.want {
					w.Errorf("it is asked for %d blocks, want %d (gone: %v)", got, c.want, ended)
				}
			})
		})
	}
}

func (p *puppet) sendHaves(pieces ...int) {
	for _, i := range pieces {
		p.Send(wire.Message{Type: wire.Have, Block: wire.Block{Piece: i}})
	}
}

// A failed write stops the download, which goes on after it was resumed. No peer is blamed.
func TestWriteFailsAndGoesOn(t *testing.T) {
	runInWorld(t, func(w *world) {
		d := &brokenMemory{memory: newMemory(w.site, false)}
		d.broken.Store(true)
		n := w.node(options{data: d})
		p := w.connectSeed(n, puppetConfig{})
		if err := <-n.failed; err == nil {
			t.Error("the write that failed is told without its error")
		}
		waitASecond()
		if len(n.failed) > 0 {
			w.Errorf("it is told of %d more times", len(n.failed))
		}
		d.broken.Store(false)
		n.AllowFetch(true)
		w.waitUntilComplete(n)
		if blamed(n, p) {
			w.Error("somebody is blamed")
		}
	})
}

// A wanted piece that becomes missing later is fetched first, too.
func TestLostPieceIsStillWanted(t *testing.T) {
	runInWorld(t, func(w *world) {
		n := w.node(options{complete: true})
		n.SetWant(Want{Urgent: []int{3}})
		for i := range w.site.layout.Pieces {
			n.data.Incomplete(i)
		}
		n.MarkLost([]int{0, 1, 2, 3})
		p := w.connectPuppet(n, puppetConfig{})
		p.sendTypes(wire.HaveAll, wire.Unchoke)
		if first := p.nextRequests(1)[0]; first.Piece != 3 {
			w.Errorf("it asks for piece %d first", first.Piece)
		}
	})
}

// TestPeersThatIgnoreCancels: little is requested at first from a peer at which nothing can be canceled.
func TestPeersThatIgnoreCancels(t *testing.T) {
	const unproven, usual = 8, 32
	wtptui, webTorrent := [20]byte{'-', 'W', 'P', 19: 1}, [20]byte{'-', 'W', 'W', 19: 1}
	for name, c := range map[string]struct {
		via    engine.Via
		id     [20]byte
		noFast bool
		want   int
	}{
		"wtptui over WebRTC":                   {engine.WebRTC, wtptui, false, usual},
		"WebTorrent over WebRTC":               {engine.WebRTC, webTorrent, false, unproven},
		"WebTorrent over TCP":                  {engine.TCP, webTorrent, false, unproven},
		"a browser without the fast extension": {engine.WebRTC, wtptui, true, unproven},
		"any client over TCP without it":       {engine.TCP, wtptui, true, usual},
	} {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				w.site = newSite(t, 64*pieceOfTwo, pieceOfTwo, 1)
				n := w.node(options{via: c.via})
				p := w.connectPuppet(n, puppetConfig{id: c.id, noFast: c.noFast})
				if c.noFast {
					bits := make([]byte, 64/8)
					for i := range bits {
						bits[i] = 0xff
					}
					p.Send(wire.Message{Type: wire.Bitfield, Bits: bits})
				} else {
					p.sendTypes(wire.HaveAll)
				}
				p.sendTypes(wire.Unchoke)
				waitASecond()
				all, _ := p.receivedMessages()
				if got := len(messagesOfType(all, wire.Request)); got != c.want {
					t.Errorf("%d requests, want %d", got, c.want)
				}
			})
		})
	}
}
