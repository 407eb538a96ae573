package torrent

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"time"

	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/wire"
)

const (
	// maxQueuedEvents is how many messages of all peers may wait for the owner. Most of them carry a block.
	maxQueuedEvents = 64
	// maxEventBatch is how many of them are handled before the owner updates its parts.
	maxEventBatch = 32
	// tick is the interval of periodic work while the content is unknown or a dial is in progress, idleTick the
	// interval otherwise.
	tick     = time.Second
	idleTick = 10 * time.Second
	// minTimerDelay is the shortest delay of the timer, for work that is due but cannot be done now.
	minTimerDelay = time.Millisecond
)

// event is a message of a peer, or the error that ended its connection.
type event struct {
	peer *peer
	msg  wire.Message
	err  error
}

// owner holds all the state of one torrent. Only its goroutine touches it. It handles the events, calls each of its
// parts, and knows in which order; the parts know of each other only what newOwner passes to them.
type owner struct {
	t   *Torrent
	cfg *Config
	ctx context.Context

	peers     members
	events    chan event // of all peers; nil until the first connects, since most torrents have no peers most of the time
	storage   storage
	slots     connSlots
	connector connector
	pex       peerExchange
	infos     infoCollector
	fetch     fetcher
	uploads   uploads
	sightings sightings
	// timer fires when the next work is due without an event.
	timer    *time.Timer
	nextTick time.Time // when onTick is due
	// completeSince is when everything was complete here and peers were told so, last.
	completeSince time.Time
}

func newOwner(ctx context.Context, t *Torrent) *owner {
	o := &owner{t: t, cfg: &t.cfg, ctx: ctx, peers: make(members), timer: time.NewTimer(time.Hour)}
	o.timer.Stop()
	o.slots = connSlots{
		peers: o.peers, ourID: t.cfg.Handshake.PeerID, max: t.cfg.MaxPeers, total: t.cfg.ConnLimit,
		connector: &o.connector, disconnect: o.disconnect,
	}
	o.connector = connector{
		cfg: o.cfg, storage: &o.storage, peers: o.peers, knownCount: &t.counts.known,
		book: dial.NewBook(o.cfg.IsOwnAddr, rand.Uint64()), results: make(chan dialResult),
		dials: make(map[netip.AddrPort]*dialAttempt),
	}
	o.connector.ctx, o.connector.cancel = context.WithCancel(ctx)
	o.infos = infoCollector{peers: o.peers, verify: t.cfg.Events.InfoReceived, expel: o.banAndDisconnect, log: t.cfg.Log}
	o.pex = peerExchange{peers: o.peers, storage: &o.storage, connector: &o.connector, admit: t.cfg.AdmitPEX}
	o.fetch = fetcher{
		storage: &o.storage, peers: o.peers, events: t.cfg.Events, log: t.cfg.Log, down: &t.counts.down,
		expel: o.banAndDisconnect, redialSeeds: o.connector.redialSeeds, allowed: true,
	}
	o.sightings = sightings{storage: &o.storage, report: t.cfg.Events.PeerSighted}
	o.uploads = uploads{peers: o.peers, storage: &o.storage, isSeeding: o.fetch.complete}
	return o
}

// run handles commands, messages and results, and updates the parts after each, until the torrent is closed.
func (o *owner) run() {
	defer o.close()
	for {
		events := o.events
		if o.fetch.isDiskBehind() {
			events = nil // The disk is slower than the peers; they wait.
		}
		select {
		case <-o.ctx.Done():
			return
		case f := <-o.t.commands:
			f(o)
		case e := <-events:
			o.handleEvent(e)
			o.drainEvents()
		case r := <-o.fetch.results():
			o.handleVerdict(r)
		case m := <-o.connector.results:
			o.handleDialResult(m)
		case <-o.timer.C:
		}
		o.update()
	}
}

// drainEvents handles further events that have arrived already, up to maxEventBatch.
func (o *owner) drainEvents() {
	for range maxEventBatch {
		select {
		case e := <-o.events:
			o.handleEvent(e)
		default:
			return
		}
	}
}

// update does the work that is due after an event, and sets the timer for the next.
func (o *owner) update() {
	now := time.Now()
	if len(o.peers) > 0 && !now.Before(o.nextTick) {
		o.nextTick = now.Add(idleTick)
		o.onTick(now)
	}
	o.fetch.sendRequests(now)
	free := o.slots.countFree(o.fetch.complete())
	o.connector.dialNext(now, free)
	if !o.storage.opened() || len(o.connector.dials) > 0 {
		o.nextTick = earlier(o.nextTick, now.Add(tick))
	}
	next := o.connector.nextDialTime(free)
	if len(o.peers) > 0 {
		next = earlier(next, o.nextTick)
		next = earlier(next, o.fetch.nextPlan(now))
	}
	if next.IsZero() {
		o.timer.Stop()
		return
	}
	o.timer.Reset(max(minTimerDelay, next.Sub(now)))
}

// earlier returns the earlier of two times. The zero time counts as no time.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// onTick does the periodic work. It is called at least every idleTick while a peer is connected.
func (o *owner) onTick(now time.Time) {
	o.infos.tick(now)
	o.uploads.tick(now)
	o.pex.tick(now)
	o.sightings.tick(o.peers, now)
	for _, addr := range o.connector.slowDials(now) {
		o.pex.requestHolepunch(addr)
	}
	o.dropSeedsIfComplete()
	o.publishCounts()
}

// publishCounts publishes the counters that other goroutines read.
func (o *owner) publishCounts() {
	o.t.counts.publish(o.peers)
	o.connector.publishKnownCount()
}

// readMessages sends a peer's messages to the owner until the connection ends.
func (t *Torrent) readMessages(p *peer, events chan<- event) {
	defer p.conn.Wait()
	var limit throttle
	for {
		m, err := p.conn.Read()
		if err != nil {
			p.conn.Close()
		} else if pause := limit.note(time.Now(), len(m.Data), p.up.Load()); pause > 0 {
			t.sleep(pause)
		}
		select {
		case events <- event{p, m, err}:
		case <-t.done:
			wire.Free(m.Data)
			p.conn.Close()
			return
		}
		if err != nil {
			return
		}
	}
}

// sleep waits for d, or until the torrent is closed.
func (t *Torrent) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-t.done:
	}
}

// close ends everything that the owner has started.
func (o *owner) close() {
	close(o.t.done)
	o.timer.Stop()
	for p := range o.peers {
		o.disconnect(p)
	}
	o.connector.close()
	o.fetch.close()
	for {
		select {
		case e := <-o.events:
			wire.Free(e.msg.Data)
		default:
			return
		}
	}
}
