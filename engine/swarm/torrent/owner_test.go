package torrent

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/netsim"
	"wtptui/engine/swarm/wire"
)

// gated is Data whose pieces can be read only while the gate is open.
type gated struct {
	*memory
	gate, reached chan struct{}
}

func (g *gated) CopyPiece(w io.Writer, piece int) (int64, error) {
	select {
	case g.reached <- struct{}{}:
	default:
	}
	<-g.gate
	return g.memory.CopyPiece(w, piece)
}

// A check ends when it is complete, when its context ends, when the torrent is closed, and at once without content.
func TestCheckEnds(t *testing.T) {
	for name, c := range map[string]struct {
		magnet bool
		end    func(n *node, g *gated, cancel context.CancelFunc)
		want   error
	}{
		"done":       {end: func(_ *node, g *gated, _ context.CancelFunc) { close(g.gate) }},
		"given up":   {end: func(_ *node, _ *gated, cancel context.CancelFunc) { cancel() }, want: context.Canceled},
		"closed":     {end: func(n *node, g *gated, _ context.CancelFunc) { go n.Close() }, want: context.Canceled},
		"no content": {magnet: true},
	} {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				g := &gated{newMemory(w.site, true), make(chan struct{}), make(chan struct{}, 1)}
				n := w.node(options{data: g, magnet: c.magnet})
				ctx, cancel := context.WithCancel(w.Context())
				defer cancel()
				ended := make(chan error, 1)
				go func() { ended <- n.Check(ctx, []int{0, 1, 2, 3}) }()
				if !c.magnet {
					<-g.reached
					c.end(n, g, cancel)
				}
				if err := <-ended; !errors.Is(err, c.want) {
					w.Errorf("%v, want %v", err, c.want)
				}
				if c.want != nil {
					close(g.gate)
				}
			})
		})
	}
}

// Pieces of unknown state are hashed before they are fetched or served; then completion is reported.
func TestUnknownPiecesAreHashed(t *testing.T) {
	for name, missing := range map[string]bool{"all is right": false, "a piece is wrong": true} {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				d := &undecided{memory: newMemory(w.site, true), known: map[int]bool{}}
				if missing {
					_, _ = d.memory.WriteAt([]byte("rot"), 2*w.site.layout.PieceLength)
				}
				n := w.node(options{data: d})
				if missing {
					p := w.connectPuppet(n, puppetConfig{})
					p.sendTypes(wire.HaveAll, wire.Unchoke)
					if b := p.nextRequests(2); b[0].Piece != 2 || b[1].Piece != 2 {
						w.Errorf("it asks for %+v", b)
					}
					p.Serve(wire.Block{Piece: 2, Length: wire.BlockSize})
					p.Serve(wire.Block{Piece: 2, Begin: wire.BlockSize, Length: wire.BlockSize})
					<-n.finished
				} else {
					<-n.checked
				}
				n.expectComplete(w.T)
				if s := n.Stats(); s.Hashed != w.site.layout.Size {
					w.Errorf("%+v", s)
				}
			})
		})
	}
}

// undecided is Data with pieces of unknown state at first.
type undecided struct {
	*memory
	known map[int]bool // guarded by memory.mu
}

func (d *undecided) Piece(piece int) (done, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known[piece] && d.done[piece], d.known[piece]
}

func (d *undecided) setKnown(piece int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known[piece] = true
}

func (d *undecided) Complete(piece int) {
	d.setKnown(piece)
	d.memory.Complete(piece)
}

func (d *undecided) Incomplete(piece int) {
	d.memory.Incomplete(piece)
	d.setKnown(piece)
}

// Close ends everything at once, and later calls do nothing.
func TestCloseEndsAll(t *testing.T) {
	runInWorld(t, func(w *world) {
		n := w.node(options{})
		silent := w.listenAsPuppets(puppetConfig{})
		n.addGivenPeers(silent.addr)
		p := w.connectPuppet(n, puppetConfig{})
		p.sendHello(nil)
		p.Send(w.fullBitfield())
		p.sendTypes(wire.Unchoke, wire.Interested)
		for range 10_000 {
			p.sendTypes(wire.NotInterested) // More than is heard at once.
		}
		nobody := w.net.Host("nobody", netsim.Link{Loss: 1})
		n.addGivenPeers(wireAddr(nobody))
		waitASecond()
		begin := time.Now()
		n.Close()
		n.Close()
		if took := time.Since(begin); took > time.Second {
			w.Errorf("it takes %v", took)
		}
		p.expectDisconnect(time.Second)
		n.addGivenPeers(silent.addr)
		n.SetWant(Want{Urgent: []int{1}})
		n.MarkLost([]int{1})
		if n.Peers() != nil || n.PieceCounts() != nil || n.PartialPieces() != nil || n.ReceivedBytes([]int{1}) != 0 ||
			n.HasPeerID([20]byte{}) {
			w.Error("a closed torrent knows something")
		}
		late := newMirrored()
		n.AddConn(late, engine.WebSeed, incoming)
		if late.ctx.Err() == nil {
			w.Error("a connection that comes too late stays open")
		}
	})
}
