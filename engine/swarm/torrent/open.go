package torrent

import (
	"maps"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/pick"
	"wtptui/engine/swarm/wire"
)

// mostNews is how many pieces a peer is told of one by one when the content becomes known.
const mostNews = 4096

// open begins to fetch and to serve.
func (o *owner) open(c Content) {
	f := &o.fetch
	if f.opened() {
		return
	}
	f.content = &c
	f.shared.Store(&c)
	f.work = newWorker(&c, &o.t.counts.hashed, &o.t.wg)
	f.unknown = make(map[int]struct{})
	f.picker = pick.New(pick.Shape(c.Layout), f.isMissing)
	f.picker.Stop(!f.allowed)
	o.want(f.wanted)
	o.infos = collector{judged: true}
	now := time.Now()
	for p := range o.peers {
		p.info = nil
		news := f.news()
		// With whoever came before it was known that the torrent is private the exchange of peers has been agreed upon.
		// Whoever would have to hear too much is told all of it at once when it comes again.
		if c.Private || len(news) > mostNews {
			o.hangUp(p)
			continue
		}
		f.meet(p, now)
		p.conn.Send(o.hello()) // which tells now how long the info dictionary is
		p.conn.Send(news...)
		o.regard(p)
	}
	if c.Private {
		o.meeting.keepPrivate()
	}
	f.whole = len(f.unknown) == 0 && f.picker.Missing() == 0
	o.check(o.ctx, slices.Sorted(maps.Keys(f.unknown)), nil)
	o.partAll()
	o.beat = now // Peers may be told of each other.
	o.publish()
}

// isMissing reports whether a piece has to be fetched. One of which nothing is known is hashed before that is said.
func (f *fetcher) isMissing(piece int) bool {
	done, known := f.content.Data.Piece(piece)
	if !known {
		f.unknown[piece] = struct{}{}
	}
	return known && !done
}

// meet makes a peer known to the picker.
func (f *fetcher) meet(p *peer, now time.Time) {
	p.conn.SetLayout(f.content.Layout)
	p.pick = f.picker.Add(now)
	p.pick.Owner = p
	p.pick.Fast(p.conn.Theirs().Fast)
	if p.via == engine.WebRTC { // WebTorrent, and the data channel below it, have no limit of what waits to be sent.
		p.pick.TakesNothingBack()
	}
	if p.hello.Requests > 0 {
		p.pick.Limit(p.hello.Requests)
	}
	switch {
	case p.claims.all:
		p.pick.HaveAll()
	case len(p.claims.bits) > 0:
		m := wire.Message{Type: wire.Bitfield, Bits: p.claims.bits}
		_ = f.content.Layout.Check(&m) // which makes it fit
		p.pick.Bits(m.Bits)
	}
	for _, piece := range p.claims.allowed {
		p.pick.AllowFast(piece)
	}
	if !p.choking {
		p.pick.Unchoke()
	}
	p.claims = claims{}
}

// have says to a peer that has just come what is here.
func (f *fetcher) have(fast bool) wire.Message {
	n := f.content.Layout.Pieces
	bits := make([]byte, (n+7)/8)
	count := 0
	for i := range n {
		if done, _ := f.content.Data.Piece(i); done {
			bits[i/8] |= 0x80 >> (i % 8)
			count++
		}
	}
	switch {
	case fast && count == n:
		return wire.Message{Type: wire.HaveAll}
	case fast && count == 0:
		return wire.Message{Type: wire.HaveNone}
	}
	return wire.Message{Type: wire.Bitfield, Bits: bits}
}

// news says to a peer that came before anything was known what is here.
func (f *fetcher) news() []wire.Message {
	var all []wire.Message
	for i := range f.content.Layout.Pieces {
		if done, _ := f.content.Data.Piece(i); done {
			all = append(all, wire.Message{Type: wire.Have, Block: wire.Block{Piece: i}})
		}
	}
	return all
}
