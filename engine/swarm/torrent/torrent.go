package torrent

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"

	"wtptui/engine"
)

// Torrent is the handle of one torrent in its swarm. Its methods may be called from many goroutines. They wait at most
// for the owner's goroutine, which never blocks.
type Torrent struct {
	cfg    Config
	cancel context.CancelFunc
	done   chan struct{} // closed when the owner has ended
	wg     sync.WaitGroup

	commands chan func(*owner)
	counts   counts
}

// counts holds counters that any goroutine may read.
type counts struct {
	peers, utp, web, mirrors, seeds, known atomic.Int32
	down, up, hashed                       atomic.Int64
}

// publish counts the peers by transport.
func (c *counts) publish(all members) {
	var peers, utp, web, mirrors, seeds int32
	for p := range all {
		switch p.via {
		case engine.WebSeed:
			mirrors++
			continue
		case engine.UTP:
			utp++
		case engine.WebRTC:
			web++
		default:
		}
		peers++
		if p.isSeed() {
			seeds++
		}
	}
	c.peers.Store(peers)
	c.utp.Store(utp)
	c.web.Store(web)
	c.mirrors.Store(mirrors)
	c.seeds.Store(seeds)
}

// Stats holds a torrent's counters at one moment.
type Stats struct {
	// Peers counts the connections except those to mirrors. UTP, Web and Seeds count those of them over uTP, over
	// WebRTC, and to peers that have everything.
	Peers, UTP, Web, Seeds int
	Mirrors                int
	// Known is the number of known addresses.
	Known int
	// Down and Up are bytes of content, Hashed is the number of bytes read from the disk to be hashed.
	Down, Up, Hashed int64
}

// Want holds the missing pieces that are wanted before the rest of the torrent, the most wanted first.
type Want struct {
	// Urgent pieces are waited for by a reader, Soon pieces will be.
	Urgent, Soon []int
}

// New joins a swarm. Nothing is fetched or served before Open.
func New(cfg Config) *Torrent {
	ctx, cancel := context.WithCancel(context.Background())
	t := &Torrent{
		cfg: cfg, cancel: cancel, done: make(chan struct{}),
		commands: make(chan func(*owner)),
	}
	o := newOwner(ctx, t)
	t.wg.Go(o.run)
	return t
}

// Close leaves the swarm and returns when all goroutines of the torrent have ended.
func (t *Torrent) Close() {
	t.cancel()
	t.wg.Wait()
}

// run has the owner's goroutine call f, and returns when f has returned. It returns false if the torrent is closed.
func (t *Torrent) run(f func(*owner)) bool {
	called := make(chan struct{})
	select {
	case t.commands <- func(o *owner) { f(o); close(called) }:
		<-called
		return true
	case <-t.done:
		return false
	}
}

// Open sets the content. Complete pieces are served from now on, missing pieces are fetched, and pieces of unknown
// state are hashed first. Only the first call has an effect.
func (t *Torrent) Open(c Content) {
	t.run(func(o *owner) { o.open(c) })
}

// AddFound adds addresses of peers.
func (t *Torrent) AddFound(origin Source, peers []netip.AddrPort) {
	t.run(func(o *owner) { o.connector.addFound(origin, peers) })
}

// AddConn adds a connection that has shaken hands. The torrent closes it.
func (t *Torrent) AddConn(c Conn, via engine.Via, origin Source) {
	if !t.run(func(o *owner) { o.addConn(c, via, origin) }) {
		c.Close()
	}
}

// SetWant sets what is wanted first.
func (t *Torrent) SetWant(w Want) {
	t.run(func(o *owner) { o.fetch.setWant(w) })
}

// AllowFetch allows or forbids fetching data. It is allowed at first.
func (t *Torrent) AllowFetch(allowed bool) {
	t.run(func(o *owner) { o.fetch.setAllowed(allowed) })
}

// MarkLost must be called for pieces that were complete and are not any more. Missing pieces are fetched; pieces of
// unknown state are hashed when Check is called.
func (t *Torrent) MarkLost(pieces []int) {
	t.run(func(o *owner) { o.fetch.handleLost(pieces) })
}

// Check hashes pieces, whatever their state, and returns when all are hashed or ctx ends. Wrong pieces are missing
// from then on.
func (t *Torrent) Check(ctx context.Context, pieces []int) error {
	checked := make(chan struct{})
	if !t.run(func(o *owner) { o.fetch.check(ctx, pieces, func() { close(checked) }) }) {
		return context.Canceled
	}
	select {
	case <-checked:
		select {
		case <-t.done: // The worker may have canceled the check.
			return context.Canceled
		default:
			return ctx.Err()
		}
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.done:
		return context.Canceled
	}
}

// SetMaxPeers sets the maximum number of connections. Surplus connections are closed.
func (t *Torrent) SetMaxPeers(n int) {
	t.run(func(o *owner) { o.slots.setMax(n) })
}

// Stats returns the torrent's counters. It is cheap and does not wait for the owner.
func (t *Torrent) Stats() Stats {
	c := &t.counts
	return Stats{
		Peers: int(c.peers.Load()), UTP: int(c.utp.Load()), Web: int(c.web.Load()), Seeds: int(c.seeds.Load()),
		Mirrors: int(c.mirrors.Load()), Known: int(c.known.Load()), Down: c.down.Load(), Up: c.up.Load(),
		Hashed: c.hashed.Load(),
	}
}

// HasPeerID reports whether a peer with this id is connected.
func (t *Torrent) HasPeerID(id [20]byte) (known bool) {
	t.run(func(o *owner) { known = o.peers.hasID(id) })
	return known
}

// Peers returns a description of each connection.
func (t *Torrent) Peers() (peers []Peer) {
	t.run(func(o *owner) {
		for p := range o.peers {
			peers = append(peers, p.describe(o.storage.pieces()))
		}
	})
	return peers
}

// PieceCounts returns how many peers have each piece. It returns nil if no peer is connected or the content is
// unknown.
func (t *Torrent) PieceCounts() (copies []int) {
	t.run(func(o *owner) {
		if o.storage.opened() && len(o.peers) > 0 {
			copies = o.fetch.picker.PieceCounts()
		}
	})
	return copies
}

// PartialPieces returns the unfinished pieces of which at least one block has arrived.
func (t *Torrent) PartialPieces() (pieces map[int]bool) {
	t.run(func(o *owner) {
		if o.storage.opened() {
			pieces = make(map[int]bool)
			for _, i := range o.fetch.picker.Partial() {
				pieces[i] = true
			}
		}
	})
	return pieces
}

// ReceivedBytes returns how many bytes of the given unfinished pieces have arrived.
func (t *Torrent) ReceivedBytes(pieces []int) (n int64) {
	t.run(func(o *owner) {
		if !o.storage.opened() {
			return
		}
		for _, i := range pieces {
			n += o.fetch.picker.ReceivedBytes(i)
		}
	})
	return n
}

// Done returns a channel that is closed when the torrent has left its swarm.
func (t *Torrent) Done() <-chan struct{} { return t.done }
