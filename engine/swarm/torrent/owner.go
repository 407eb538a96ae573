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
	// mostEvents is how many messages of all peers may wait for the owner: most of them carry a block.
	mostEvents = 64
	// mostAtOnce is how many of them are heard before what follows from them is done.
	mostAtOnce = 32
	// tick is how often an owner with connections looks at what time alone changes, idleTick how often while the content
	// is known and nobody is being called.
	tick     = time.Second
	idleTick = 10 * time.Second
	// leastWait is how soon it looks again at what is due already, and cannot be done now.
	leastWait = time.Millisecond
)

// event is what a peer's reader has to tell: a message, or why there are no more.
type event struct {
	peer *peer
	msg  wire.Message
	err  error
}

// owner has all the state of one torrent. Only its goroutine touches it. It hears what happens, has each of its parts do
// what is theirs to do, and knows in which order; they know nothing of each other but what they are given here.
type owner struct {
	t   *Torrent
	cfg *Config
	ctx context.Context

	peers    members
	events   chan event // what they say; nil while there never was one, since most torrents wait for peers most of the time
	storage  storage
	places   places
	meeting  meeting
	exchange exchange
	infos    collector
	fetch    fetcher
	uploads  uploads
	sights   sightings
	// again is the next time at which something is to be done though nothing happens.
	again *time.Timer
	beat  time.Time // of the next tick
	// wholeSince is when everything was here, and peers were told of it, last.
	wholeSince time.Time
}

func newOwner(ctx context.Context, t *Torrent) *owner {
	o := &owner{t: t, cfg: &t.cfg, ctx: ctx, peers: make(members), again: time.NewTimer(time.Hour)}
	o.again.Stop()
	o.places = places{
		peers: o.peers, ours: t.cfg.Ours.PeerID, max: t.cfg.MaxPeers, all: t.cfg.Room, meeting: &o.meeting, hangUp: o.hangUp,
	}
	o.meeting = meeting{
		cfg: o.cfg, storage: &o.storage, peers: o.peers, counted: &t.counts.known,
		book: dial.NewBook(o.cfg.Own, rand.Uint64()), met: make(chan called), calls: make(map[netip.AddrPort]*call),
	}
	o.meeting.ctx, o.meeting.cancel = context.WithCancel(ctx)
	o.infos = collector{peers: o.peers, told: t.cfg.Events.Told, expel: o.expel, log: t.cfg.Log}
	o.exchange = exchange{peers: o.peers, storage: &o.storage, meeting: &o.meeting, admit: t.cfg.Admit}
	o.fetch = fetcher{
		storage: &o.storage, peers: o.peers, events: t.cfg.Events, log: t.cfg.Log, down: &t.counts.down,
		expel: o.expel, reunite: o.meeting.reunite, allowed: true,
	}
	o.sights = sightings{storage: &o.storage, tell: t.cfg.Events.Seen}
	o.uploads = uploads{peers: o.peers, storage: &o.storage, seeding: o.fetch.complete}
	return o
}

// run does what is asked, hears what peers say, and then does what follows from all that, until the torrent is closed.
func (o *owner) run() {
	defer o.end()
	for {
		events := o.events
		if o.fetch.behind() {
			events = nil // The disk is slower than the peers, who wait meanwhile.
		}
		select {
		case <-o.ctx.Done():
			return
		case f := <-o.t.calls:
			f(o)
		case e := <-events:
			o.hear(e)
			o.hearMore()
		case r := <-o.fetch.results():
			o.checked(r)
		case m := <-o.meeting.met:
			o.called(m)
		case <-o.again.C:
		}
		o.settle()
	}
}

// hearMore hears what else has come by now.
func (o *owner) hearMore() {
	for range mostAtOnce {
		select {
		case e := <-o.events:
			o.hear(e)
		default:
			return
		}
	}
}

// settle does what follows from what has happened, and sets the clock.
func (o *owner) settle() {
	now := time.Now()
	if len(o.peers) > 0 && !now.Before(o.beat) {
		o.beat = now.Add(idleTick)
		o.onTick(now)
	}
	o.fetch.plan(now)
	free := o.places.free(o.fetch.complete())
	o.meeting.call(now, free)
	if !o.storage.opened() || len(o.meeting.calls) > 0 {
		o.beat = earlier(o.beat, now.Add(tick))
	}
	next := o.meeting.when(free)
	if len(o.peers) > 0 {
		next = earlier(next, o.beat)
		next = earlier(next, o.fetch.next(now))
	}
	if next.IsZero() {
		o.again.Stop()
		return
	}
	o.again.Reset(max(leastWait, next.Sub(now)))
}

// earlier returns the earlier of two times, of which the zero time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// onTick is called about once a second while somebody is connected.
func (o *owner) onTick(now time.Time) {
	o.infos.tick(now)
	o.uploads.tick(now)
	o.exchange.tick(now)
	o.sights.tick(o.peers, now)
	for _, addr := range o.meeting.slow(now) {
		o.exchange.punch(addr)
	}
	o.partAll()
	o.publish()
}

// publish writes down the numbers that others read.
func (o *owner) publish() {
	o.t.counts.publish(o.peers)
	o.meeting.count()
}

// read tells the owner what a peer says, until its connection ends.
func (t *Torrent) read(p *peer, events chan<- event) {
	defer p.conn.Wait()
	var limit throttle
	for {
		m, err := p.conn.Read()
		if err != nil {
			p.conn.Close()
		} else if pause := limit.heard(time.Now(), len(m.Data), p.up.Load()); pause > 0 {
			t.pause(pause)
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

// pause waits, but not longer than the torrent is there.
func (t *Torrent) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-t.done:
	}
}

// end lets go of everything.
func (o *owner) end() {
	close(o.t.done)
	o.again.Stop()
	for p := range o.peers {
		o.hangUp(p)
	}
	o.meeting.end()
	o.fetch.end()
	for {
		select {
		case e := <-o.events:
			wire.Free(e.msg.Data)
		default:
			return
		}
	}
}
