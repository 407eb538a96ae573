package torrent

import (
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

// take returns the next requests, n of them.
func (p *puppet) take(n int) []wire.Block {
	p.w.Helper()
	var all []wire.Block
	for range n {
		all = append(all, p.hears(wire.Request).Block)
	}
	return all
}

// whole waits until a node has everything.
func (w *world) whole(n *node) {
	w.Helper()
	select {
	case <-n.finished:
		n.wantWhole(w.T)
	case <-time.After(time.Hour):
		w.Fatal("the site does not come")
	}
}

// Whatever happens to what a peer has been asked for, it comes: from that peer later, or from another one.
func TestRequestsAreNotLost(t *testing.T) {
	const blocks = 8
	for name, c := range map[string]struct {
		slow bool // no fast extension
		do   func(w *world, n *node, p *puppet, asked []wire.Block)
	}{
		"choked and unchoked, not fast": {slow: true, do: func(_ *world, _ *node, p *puppet, _ []wire.Block) {
			p.tells(wire.Choke)
			pass()
			p.tells(wire.Unchoke)
			p.serves()
		}},
		"choked, rejected and unchoked": {do: func(_ *world, _ *node, p *puppet, asked []wire.Block) {
			p.tells(wire.Choke)
			p.rejects(asked)
			pass()
			p.tells(wire.Unchoke)
			p.serves()
		}},
		"choked, and sent all the same": {do: func(_ *world, _ *node, p *puppet, asked []wire.Block) {
			p.tells(wire.Choke)
			for _, b := range asked {
				p.Serve(b)
			}
		}},
		"rejected": {do: func(_ *world, _ *node, p *puppet, asked []wire.Block) {
			p.rejects(asked)
			p.serves()
		}},
		"choked, and another one comes": {slow: true, do: func(w *world, n *node, p *puppet, _ []wire.Block) {
			p.tells(wire.Choke)
			w.seeds(n, manner{})
		}},
		"rejected, and another one comes": {do: func(w *world, n *node, p *puppet, asked []wire.Block) {
			p.rejects(asked)
			w.seeds(n, manner{})
		}},
		"it leaves": {do: func(w *world, n *node, p *puppet, _ []wire.Block) {
			p.Close()
			w.seeds(n, manner{})
		}},
		"it leaves after half a piece": {do: func(w *world, n *node, p *puppet, asked []wire.Block) {
			p.Serve(asked[0])
			pass()
			p.Close()
			w.seeds(n, manner{})
		}},
		"it says nothing": {do: func(w *world, n *node, _ *puppet, _ []wire.Block) { w.seeds(n, manner{}) }},
		"it says nothing, and the other one is not fast": {do: func(w *world, n *node, _ *puppet, _ []wire.Block) {
			w.seeds(n, manner{slow: true})
		}},
		"it has nothing any more": {do: func(w *world, n *node, p *puppet, asked []wire.Block) {
			p.rejects(asked)
			p.tells(wire.HaveNone)
			w.seeds(n, manner{})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				n := w.node(options{})
				p := w.calls(n, manner{slow: c.slow})
				p.Send(w.bitfield())
				p.tells(wire.Unchoke)
				p.hears(wire.Interested)
				c.do(w, n, p, p.take(blocks))
				w.whole(n)
				if down := n.Stats().Down; down != w.site.layout.Size {
					w.Errorf("%d bytes counted", down)
				}
			})
		})
	}
}

func (p *puppet) rejects(all []wire.Block) {
	for _, b := range all {
		p.Send(wire.Message{Type: wire.Reject, Block: b})
	}
}

// bitfield says that everything is here, to any peer.
func (w *world) bitfield() wire.Message {
	bits := make([]byte, (w.site.layout.Pieces+7)/8)
	for i := range w.site.layout.Pieces {
		bits[i/8] |= 0x80 >> (i % 8)
	}
	return wire.Message{Type: wire.Bitfield, Bits: bits}
}

// seeds has a puppet call that gives everything.
func (w *world) seeds(n *node, m manner) *puppet {
	w.Helper()
	p := w.calls(n, m)
	p.hello(func(h *wire.HelloMsg) { h.InfoSize = len(w.site.info) })
	p.Send(w.bitfield())
	p.tells(wire.Unchoke)
	p.serves()
	return p
}

// A peer that chokes gives what it has said that it gives all the same.
func TestAllowedFast(t *testing.T) {
	for name, magnet := range map[string]bool{"content known": false, "infohash alone": true} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				n := w.node(options{magnet: magnet})
				p := w.calls(n, manner{})
				p.hello(func(h *wire.HelloMsg) { h.InfoSize = len(w.site.info) })
				p.Send(w.bitfield(), wire.Message{Type: wire.AllowedFast, Block: wire.Block{Piece: 2}})
				p.serves()
				<-n.waiting(2)
				pass()
				if down := n.Stats().Down; down != pieceOfTwo {
					w.Errorf("%d bytes came", down)
				}
			})
		})
	}
}

// What nobody has asked for is of no use, and whoever sends much of it goes.
func TestUnasked(t *testing.T) {
	inWorld(t, func(w *world) {
		n := w.node(options{})
		p := w.calls(n, manner{})
		b := wire.Block{Length: wire.BlockSize}
		for range maxUnrequestedBytes / wire.BlockSize {
			p.Serve(b)
			time.Sleep(time.Millisecond)
		}
		p.wantStays()
		p.Serve(b)
		p.wantEnd(time.Minute)
		if down := n.Stats().Down; down != 0 {
			w.Errorf("%d bytes were taken", down)
		}
	})
}

// What a peer said before the content was known is checked when it is.
func TestSaidBeforeContentIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		say  func(w *world, p *puppet)
		want int // blocks that it is asked for
	}{
		"everything": {func(_ *world, p *puppet) { p.tells(wire.HaveAll) }, 8},
		"nothing":    {func(_ *world, p *puppet) { p.tells(wire.HaveNone) }, 0},
		"some": {func(_ *world,
			p *puppet) {
			p.Send(wire.Message{Type: wire.Bitfield, Bits: []byte{0x50}})
		}, 4},
		"some, one by one": {func(_ *world, p *puppet) { p.haves(3, 1) }, 4},
		"spare bits": {func(_ *world,
			p *puppet) {
			p.Send(wire.Message{Type: wire.Bitfield, Bits: []byte{0x5f, 1}})
		}, 4},
		"too few bits":           {func(_ *world, p *puppet) { p.Send(wire.Message{Type: wire.Bitfield}); p.haves(0) }, 2},
		"a piece there is not":   {func(_ *world, p *puppet) { p.haves(1, 4000) }, 2},
		"everything, then some":  {func(_ *world, p *puppet) { p.tells(wire.HaveAll); p.haves(2) }, 8},
		"nothing, and then some": {func(_ *world, p *puppet) { p.tells(wire.HaveNone); p.haves(2) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				n := w.node(options{magnet: true})
				p := w.calls(n, manner{})
				p.SetLayout(wire.Layout{Pieces: wire.MaxPieces})
				c.say(w, p)
				p.tells(wire.Unchoke)
				pass()
				n.Open(w.site.content(n.data))
				pass()
				all, ended := p.heard()
				if got := len(of(all, wire.Request)); ended || got != c.want {
					w.Errorf("it is asked for %d blocks, want %d (gone: %v)", got, c.want, ended)
				}
			})
		})
	}
}

func (p *puppet) haves(pieces ...int) {
	for _, i := range pieces {
		p.Send(wire.Message{Type: wire.Have, Block: wire.Block{Piece: i}})
	}
}

// A disk that cannot be written to stops the download, and it goes on when it is told to. Nobody is blamed.
func TestWriteFailsAndGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		d := &brokenMemory{memory: newMemory(w.site, false)}
		d.broken.Store(true)
		n := w.node(options{data: d})
		p := w.seeds(n, manner{})
		if err := <-n.failed; err == nil {
			t.Error("the write that failed is told without its error")
		}
		pass()
		if len(n.failed) > 0 {
			w.Errorf("it is told of %d more times", len(n.failed))
		}
		d.broken.Store(false)
		n.AllowFetch(true)
		w.whole(n)
		if blamed(n, p) {
			w.Error("somebody is blamed")
		}
	})
}

// What is wanted first is so, too, when it becomes missing only later.
func TestLostIsStillWanted(t *testing.T) {
	inWorld(t, func(w *world) {
		n := w.node(options{whole: true})
		n.SetWant(Want{Urgent: []int{3}})
		for i := range w.site.layout.Pieces {
			n.data.Incomplete(i)
		}
		n.MarkLost([]int{0, 1, 2, 3})
		p := w.calls(n, manner{})
		p.tells(wire.HaveAll, wire.Unchoke)
		if first := p.take(1)[0]; first.Piece != 3 {
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
			inWorld(t, func(w *world) {
				w.site = newSite(t, 64*pieceOfTwo, pieceOfTwo, 1)
				n := w.node(options{via: c.via})
				p := w.calls(n, manner{id: c.id, slow: c.noFast})
				if c.noFast {
					bits := make([]byte, 64/8)
					for i := range bits {
						bits[i] = 0xff
					}
					p.Send(wire.Message{Type: wire.Bitfield, Bits: bits})
				} else {
					p.tells(wire.HaveAll)
				}
				p.tells(wire.Unchoke)
				pass()
				all, _ := p.heard()
				if got := len(of(all, wire.Request)); got != c.want {
					t.Errorf("%d requests, want %d", got, c.want)
				}
			})
		})
	}
}
