package torrent

import (
	"slices"
	"testing"

	"golang.org/x/time/rate"

	"wtptui/engine/swarm/wire"
)

var oneBlock = wire.Block{Piece: 1, Begin: 0, Length: wire.BlockSize}

// Each request is either served or, with the fast extension, rejected, once each.
func TestRequests(t *testing.T) {
	const gets, rejected, hears, ends = "the block", "a reject", "nothing", "the end"
	for name, c := range map[string]struct {
		slow   bool // no fast extension
		choked bool
		lacks  bool // the node does not have it
		ask    func(p *puppet)
		want   string
	}{
		"a block":           {ask: func(p *puppet) { p.sendRequests(oneBlock) }, want: gets},
		"a block, not fast": {slow: true, ask: func(p *puppet) { p.sendRequests(oneBlock) }, want: gets},
		"half a block": {
			ask: func(p *puppet) { p.sendRequests(wire.Block{Piece: 1, Begin: 100, Length: 8000}) }, want: gets,
		},
		"when choked":           {choked: true, ask: func(p *puppet) { p.sendRequests(oneBlock) }, want: rejected},
		"when choked, not fast": {slow: true, choked: true, ask: func(p *puppet) { p.sendRequests(oneBlock) }, want: hears},
		"what is not here":      {lacks: true, ask: func(p *puppet) { p.sendRequests(oneBlock) }, want: rejected},
		"what there is not":     {ask: func(p *puppet) { p.sendRequests(wire.Block{Piece: 4, Length: 1}) }, want: ends},
		"what is behind the end": {
			ask: func(p *puppet) { p.sendRequests(wire.Block{Begin: pieceOfTwo - 1, Length: 2}) }, want: ends,
		},
		"too much": {ask: func(p *puppet) { p.sendRequests(wire.Block{Length: wire.BlockSize + 1}) }, want: ends},
		"nothing":  {ask: func(p *puppet) { p.sendRequests(wire.Block{}) }, want: ends},
		"cancel what nobody wanted": {
			ask: func(p *puppet) { p.Send(wire.Message{Type: wire.Cancel, Block: oneBlock}) }, want: hears,
		},
	} {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				n := w.node(options{complete: !c.lacks})
				p := w.connectPuppet(n, puppetConfig{noFast: c.slow})
				p.nextMessage(wire.Unchoke)
				if c.choked {
					n.run(func(o *owner) {
						for q := range o.peers {
							q.choke()
						}
					})
					p.nextMessage(wire.Choke)
				}
				c.ask(p)
				waitASecond()
				all, ended := p.receivedMessages()
				got := hears
				switch {
				case ended:
					got = ends
				case len(messagesOfType(all, wire.Piece)) == 1 && len(messagesOfType(all, wire.Reject)) == 0:
					got = gets
				case len(messagesOfType(all, wire.Piece)) == 0 && len(messagesOfType(all, wire.Reject)) == 1:
					got = rejected
				case len(messagesOfType(all, wire.Piece))+len(messagesOfType(all, wire.Reject)) > 0:
					w.Fatalf("it hears %v", all)
				}
				if got != c.want {
					w.Errorf("it gets %s, not %s", got, c.want)
				}
			})
		})
	}
}

func (p *puppet) sendRequests(all ...wire.Block) {
	for _, b := range all {
		p.Send(wire.Message{Type: wire.Request, Block: b})
	}
}

// Each request that is cancelled, or whose peer is choked, is answered exactly once (BEP 6).
func TestEachRequestIsAnsweredOnce(t *testing.T) {
	for name, end := range map[string]func(n *node, p *puppet, all []wire.Block){
		"choked": func(n *node, _ *puppet, _ []wire.Block) {
			n.run(func(o *owner) {
				for q := range o.peers {
					q.choke()
				}
			})
		},
		"taken back": func(_ *node, p *puppet, all []wire.Block) {
			for _, b := range all {
				p.Send(wire.Message{Type: wire.Cancel, Block: b})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				n := w.node(options{complete: true})
				p := w.connectPuppet(n, puppetConfig{})
				p.nextMessage(wire.Unchoke)
				var all []wire.Block
				for i := range 2 * w.site.layout.Pieces {
					all = append(all, wire.Block{Piece: i / 2, Begin: i % 2 * wire.BlockSize, Length: wire.BlockSize})
				}
				p.sendRequests(all...)
				end(n, p, all)
				waitASecond()
				answers, ended := p.receivedMessages()
				if ended {
					w.Fatal("the connection has ended")
				}
				got := map[wire.Block]int{}
				for _, m := range slices.Concat(messagesOfType(answers, wire.Piece), messagesOfType(answers, wire.Reject)) {
					got[m.Block]++
				}
				for _, b := range all {
					if got[b] != 1 {
						w.Errorf("%v is answered %d times", b, got[b])
					}
				}
			})
		})
	}
}

// A peer with more outstanding requests than its announced limit is disconnected.
func TestTooManyRequests(t *testing.T) {
	for requests, stays := range map[int]bool{maxRequests: true, 3 * maxRequests: false} {
		runInWorld(t, func(w *world) {
			n := w.node(options{complete: true, up: rate.NewLimiter(1, 1)})
			p := w.connectPuppet(n, puppetConfig{})
			for range requests {
				p.sendRequests(oneBlock)
			}
			waitASecond()
			if _, ended := p.receivedMessages(); ended == stays {
				w.Errorf("after %d requests it is gone: %v", requests, ended)
			}
		})
	}
}
