package torrent

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"

	"wtptui/engine"
)

// Torrent is the door to the owner of one torrent. Its methods may be called from many goroutines; they wait for the
// owner at most, who never waits for anybody.
type Torrent struct {
	cfg    Config
	cancel context.CancelFunc
	done   chan struct{} // closed when the owner has ended
	wg     sync.WaitGroup

	calls  chan func(*owner)
	counts counts
}

// counts are numbers that change all the time, for everybody to read.
type counts struct {
	peers, utp, web, mirrors, seeds, known atomic.Int32
	down, up, hashed                       atomic.Int64
}

// publish counts the peers.
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
		if p.seed() {
			seeds++
		}
	}
	c.peers.Store(peers)
	c.utp.Store(utp)
	c.web.Store(web)
	c.mirrors.Store(mirrors)
	c.seeds.Store(seeds)
}

// Stats are a torrent's numbers at one moment.
type Stats struct {
	// Peers are connections but those to mirrors; UTP, Web and Seeds are those of them over uTP, over WebRTC, and to peers
	// that have everything.
	Peers, UTP, Web, Seeds int
	Mirrors                int
	// Known are all addresses that are known.
	Known int
	// Down and Up are bytes of content, Hashed those that were read from the disk to be hashed.
	Down, Up, Hashed int64
}

// Want is what is wanted of a torrent before the rest of it: missing pieces, the first ones most.
type Want struct {
	// Urgent are waited for by somebody, Soon will be.
	Urgent, Soon []int
}

// New joins a swarm, in which nothing is fetched or served before Open.
func New(cfg Config) *Torrent {
	ctx, cancel := context.WithCancel(context.Background())
	t := &Torrent{
		cfg: cfg, cancel: cancel, done: make(chan struct{}),
		calls: make(chan func(*owner)),
	}
	o := newOwner(ctx, t)
	t.wg.Go(o.run)
	return t
}

// Close leaves the swarm and returns when all has ended that works for the torrent.
func (t *Torrent) Close() {
	t.cancel()
	t.wg.Wait()
}

// do has the owner call f, and returns when it has. It reports false when the torrent is closed.
func (t *Torrent) do(f func(*owner)) bool {
	called := make(chan struct{})
	select {
	case t.calls <- func(o *owner) { f(o); close(called) }:
		<-called
		return true
	case <-t.done:
		return false
	}
}

// Open tells what the torrent is. What is complete in the data is served from now on, what is missing is fetched, and
// what is unknown is hashed first. Only the first call counts.
func (t *Torrent) Open(c Content) {
	t.do(func(o *owner) { o.open(c) })
}

// Found makes peers known.
func (t *Torrent) Found(origin Source, peers []netip.AddrPort) {
	t.do(func(o *owner) { o.meeting.found(origin, peers) })
}

// Join takes a connection that has shaken hands, and says how it came about.
func (t *Torrent) Join(c Conn, via engine.Via, origin Source) {
	if !t.do(func(o *owner) { o.join(c, via, origin) }) {
		c.Close()
	}
}

// Want says what is wanted first from now on.
func (t *Torrent) Want(w Want) {
	t.do(func(o *owner) { o.fetch.want(w) })
}

// Fetch allows or forbids to fetch data. It is allowed at first.
func (t *Torrent) Fetch(allowed bool) {
	t.do(func(o *owner) { o.fetch.allow(allowed) })
}

// Lost tells of pieces that were complete and are not now. What is missing is fetched, what is unknown is checked when
// Check is called.
func (t *Torrent) Lost(pieces []int) {
	t.do(func(o *owner) { o.fetch.lost(pieces) })
}

// Check hashes pieces, whatever is known of them, and returns when that is done or ctx ends. Those that are wrong are
// missing from then on.
func (t *Torrent) Check(ctx context.Context, pieces []int) error {
	checked := make(chan struct{})
	if !t.do(func(o *owner) { o.fetch.check(ctx, pieces, func() { close(checked) }) }) {
		return context.Canceled
	}
	select {
	case <-checked:
		select {
		case <-t.done: // It may have been given up.
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

// SetMaxPeers changes how many connections there may be. Those that are too many are ended.
func (t *Torrent) SetMaxPeers(n int) {
	t.do(func(o *owner) { o.places.setMax(n) })
}

// Stats are the torrent's numbers now. It costs next to nothing.
func (t *Torrent) Stats() Stats {
	c := &t.counts
	return Stats{
		Peers: int(c.peers.Load()), UTP: int(c.utp.Load()), Web: int(c.web.Load()), Seeds: int(c.seeds.Load()),
		Mirrors: int(c.mirrors.Load()), Known: int(c.known.Load()), Down: c.down.Load(), Up: c.up.Load(),
		Hashed: c.hashed.Load(),
	}
}

// Knows reports whether a peer with this id is connected.
func (t *Torrent) Knows(id [20]byte) (known bool) {
	t.do(func(o *owner) { known = o.peers.knows(id) })
	return known
}

// Peers describes the connections.
func (t *Torrent) Peers() (peers []Peer) {
	t.do(func(o *owner) {
		for p := range o.peers {
			peers = append(peers, p.describe(o.storage.pieces()))
		}
	})
	return peers
}

// Copies returns how many peers have each piece; nil while nobody is connected, or it is not known what pieces there
// are.
func (t *Torrent) Copies() (copies []int) {
	t.do(func(o *owner) {
		if o.storage.opened() && len(o.peers) > 0 {
			copies = o.fetch.picker.Copies()
		}
	})
	return copies
}

// Partial returns the unfinished pieces of which something has come.
func (t *Torrent) Partial() (pieces map[int]bool) {
	t.do(func(o *owner) {
		if o.storage.opened() {
			pieces = make(map[int]bool)
			for _, i := range o.fetch.picker.Partial() {
				pieces[i] = true
			}
		}
	})
	return pieces
}

// Arrived returns how many bytes of unfinished pieces have come.
func (t *Torrent) Arrived(pieces []int) (n int64) {
	t.do(func(o *owner) {
		if !o.storage.opened() {
			return
		}
		for _, i := range pieces {
			n += o.fetch.picker.Arrived(i)
		}
	})
	return n
}

// Closed is closed when the torrent has left its swarm.
func (t *Torrent) Closed() <-chan struct{} { return t.done }
