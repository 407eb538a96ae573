package torrent

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/pick"
	"wtptui/engine/swarm/wire"
)

// mostWaste is how many bytes a peer may send that nobody has asked it for, beyond what is of use.
const mostWaste = 4 << 20

var errNotAskedFor = errors.New("torrent: it sends what nobody has asked for")

// fetcher makes verified pieces of blocks: it asks peers for what is missing, has what comes written and hashed, and
// tells the peers what is here then. Until the content is known it does nothing.
type fetcher struct {
	*storage

	peers  members
	events Events
	log    *slog.Logger
	down   *atomic.Int64 // bytes of content
	// expel hangs up on a liar, and reunite has those called again who have everything, since that is of use once more.
	expel   func(*peer)
	reunite func()

	picker  *pick.Picker // nil until the content is known, as work is
	work    *worker
	ledger  ledger
	steps   []pick.Step
	asking  []*peer // those who are asked something by the steps
	allowed bool
	// wanted is what is wanted first, forgotten whether the picker has to be told that again.
	wanted    Want
	forgotten bool
	// fetched says that something was fetched here, so that there will be an end to tell of. whole says that nothing is
	// missing, and unknown are the pieces that have to be hashed before that can be said.
	fetched, whole bool
	unknown        map[int]struct{}
}

// open begins to fetch, and has hashed until ctx ends what is not known.
func (f *fetcher) open(ctx context.Context, w *worker) {
	f.work = w
	f.unknown = make(map[int]struct{})
	f.picker = pick.New(pick.Shape(f.content.Load().Layout), f.isMissing)
	f.picker.Stop(!f.allowed)
	f.want(f.wanted)
	f.whole = len(f.unknown) == 0 && f.complete()
	f.check(ctx, slices.Sorted(maps.Keys(f.unknown)), nil)
}

// isMissing reports whether a piece has to be fetched. One of which nothing is known is hashed before that is said.
func (f *fetcher) isMissing(piece int) bool {
	done, known := f.content.Load().Data.Piece(piece)
	if !known {
		f.unknown[piece] = struct{}{}
	}
	return known && !done
}

// complete reports whether nothing is to be fetched. It may be that there are pieces to be hashed.
func (f *fetcher) complete() bool { return f.picker != nil && f.picker.Missing() == 0 }

// meet makes a peer known to the picker.
func (f *fetcher) meet(p *peer, now time.Time) {
	layout := f.content.Load().Layout
	p.conn.SetLayout(layout)
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
		_ = layout.Check(&m) // which makes it fit
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

// regard tells a peer whether it has, or may have, something that is missing.
func (f *fetcher) regard(p *peer) {
	p.setInterest(!f.opened() || f.allowed && p.pick.Interesting())
}

func (f *fetcher) regardAll() {
	for p := range f.peers {
		f.regard(p)
	}
}

func (f *fetcher) rejected(p *peer, b wire.Block) {
	if p.pick != nil {
		f.picker.Rejected(p.pick, pick.Block(b), time.Now())
	}
}

func (f *fetcher) left(p *peer) {
	if p.pick != nil {
		f.picker.Remove(p.pick)
	}
}

// got takes a block, and has its piece hashed if it was the last one. It fails when nobody has asked for so much.
func (f *fetcher) got(p *peer, m wire.Message) error {
	var r pick.Receipt
	if p.pick != nil {
		r = f.picker.Received(p.pick, pick.Block(m.Block), time.Now())
	}
	n := int64(len(m.Data))
	if !r.Wanted {
		wire.Free(m.Data)
		if p.waste += n; p.waste > p.useful+mostWaste {
			return errNotAskedFor
		}
		return nil
	}
	p.useful += n
	f.fetched = true
	f.down.Add(n)
	f.ledger.gave(m.Block, p.giver)
	f.events.Block(m.Block.Piece, len(m.Data), p.name)
	f.work.write(m.Block, m.Data)
	if r.Complete {
		f.work.hash(m.Block.Piece, f.ledger.disputed(m.Block.Piece))
	}
	return nil
}

// plan asks peers for what is to be fetched now.
func (f *fetcher) plan(now time.Time) {
	if !f.opened() || len(f.peers) == 0 {
		return
	}
	if f.forgotten {
		f.forgotten = false
		f.picker.Want(f.wanted.Urgent, f.wanted.Soon, now)
	}
	f.steps = f.picker.Plan(now, f.steps[:0])
	for _, s := range f.steps {
		p, t := s.Peer.Owner.(*peer), wire.Request
		if s.Cancel {
			t = wire.Cancel
		}
		if len(p.asked) == 0 {
			f.asking = append(f.asking, p)
		}
		p.asked = append(p.asked, wire.Message{Type: t, Block: wire.Block(s.Block)})
	}
	for _, p := range f.asking {
		p.conn.Send(p.asked...)
		clear(p.asked)
		p.asked = p.asked[:0]
	}
	f.asking = f.asking[:0]
}

func (f *fetcher) next(now time.Time) time.Time {
	if !f.opened() {
		return time.Time{}
	}
	return f.picker.Next(now)
}

// behind reports whether more has come than the disk has taken.
func (f *fetcher) behind() bool { return f.work != nil && f.work.behind() }

func (f *fetcher) results() <-chan verdict {
	if f.work == nil {
		return nil
	}
	return f.work.verdicts
}

// checked hears whether a piece is right. It reports whether nothing is missing any more, once, when that is so.
func (f *fetcher) checked(v verdict) (whole bool) {
	switch {
	case v.err != nil:
		if f.allowed { // Whatever else fails was on its way.
			f.events.WriteFailed(v.err)
			f.allow(false)
		}
		f.picker.Failed(v.piece)
		f.ledger.forget(v.piece)
		f.work.restart(v.piece)
	case v.piece < 0: // The worker has caught up, and that is all.
	case v.right:
		f.picker.Done(v.piece)
		f.settle(v)
		f.tellAll(v.piece)
	case v.check:
		f.picker.Lost(v.piece)
		f.refetch()
	default:
		f.picker.Failed(v.piece)
		f.settle(v)
	}
	delete(f.unknown, v.piece)
	was := f.whole
	f.whole = len(f.unknown) == 0 && f.complete()
	switch {
	case was || !f.whole:
		return false
	case f.fetched:
		f.fetched = false
		f.events.Finished()
	default:
		f.events.Checked()
	}
	return true
}

// settle has the givers of a piece known for what they gave, and hangs up on liars.
func (f *fetcher) settle(v verdict) {
	honest, liars := f.ledger.settle(v)
	for _, g := range honest {
		g.peer.gave = true
		f.events.Gave(g.id, g.addr, true)
	}
	for _, g := range liars {
		f.log.Info("a peer gave wrong data", "peer", g.peer.name)
		f.events.Gave(g.id, g.addr, false)
		f.expel(g.peer)
	}
}

// tellAll tells those who may want it that a piece is here.
func (f *fetcher) tellAll(piece int) {
	for p := range f.peers {
		if !p.pick.Has(piece) {
			p.conn.Send(wire.Message{Type: wire.Have, Block: wire.Block{Piece: piece}})
		}
		f.regard(p)
	}
}

// tellSeeds tells those who have everything that all of it is here, once it is: they were not told of each piece, and
// are to know that there is one copy more. There is no message for that after the handshake (BEP 6).
func (f *fetcher) tellSeeds() {
	if f.pieces() > mostNews {
		return
	}
	news := f.news()
	for p := range f.peers {
		if p.pick.Seed() && p.via != engine.WebSeed {
			p.conn.Send(news...)
		}
	}
}

func (f *fetcher) want(w Want) {
	if f.wanted = w; f.opened() {
		f.picker.Want(w.Urgent, w.Soon, time.Now())
	}
}

func (f *fetcher) allow(allowed bool) {
	if f.allowed == allowed {
		return
	}
	f.allowed = allowed
	if f.opened() {
		f.picker.Stop(!allowed)
		f.regardAll()
	}
}

// lost has pieces fetched that were here, as far as it is known that they are not.
func (f *fetcher) lost(pieces []int) {
	if !f.opened() {
		return
	}
	for _, i := range pieces {
		if f.isMissing(i) {
			f.picker.Lost(i)
		}
	}
	f.whole = f.whole && len(pieces) == 0
	f.refetch()
}

// refetch goes on after pieces were lost.
func (f *fetcher) refetch() {
	f.forgotten = true
	f.reunite()
	f.regardAll()
}

// check has pieces hashed; done is called when that is over.
func (f *fetcher) check(ctx context.Context, pieces []int, done func()) {
	switch {
	case f.opened() && len(pieces) > 0:
		f.work.check(ctx, pieces, done)
	case done != nil:
		done()
	}
}

func (f *fetcher) end() {
	if f.work != nil {
		f.work.end()
	}
}
