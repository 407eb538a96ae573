package torrent

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"wtptui/engine/swarm/pick"
	"wtptui/engine/swarm/wire"
)

// mostWaste is how many bytes a peer may send that nobody has asked it for, beyond what is of use.
const mostWaste = 4 << 20

// fetcher makes verified pieces of blocks. Until the content is known it does nothing.
type fetcher struct {
	o       *owner
	content *Content
	// shared is the content, for those who send from it.
	shared  atomic.Pointer[Content]
	picker  *pick.Picker
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

func (f *fetcher) opened() bool { return f.content != nil }

func (f *fetcher) private() bool { return f.content != nil && f.content.Private }

// info is the info dictionary, nil while it is not known. Any goroutine may call it.
func (f *fetcher) info() []byte {
	if c := f.shared.Load(); c != nil {
		return c.Info
	}
	return nil
}

var errNoContent = errors.New("torrent: nothing is known of its content")

// block reads a verified block. Any goroutine may call it.
func (f *fetcher) block(b wire.Block, p []byte) error {
	c := f.shared.Load()
	if c == nil {
		return errNoContent
	}
	_, err := c.Data.ReadAt(p[:b.Length], int64(b.Piece)*c.Layout.PieceLength+int64(b.Begin))
	return err
}

func (f *fetcher) has(p *peer, m wire.Message) {
	switch m.Type {
	case wire.HaveAll:
		p.pick.HaveAll()
	case wire.HaveNone:
		p.pick.Bits(make([]byte, (f.content.Layout.Pieces+7)/8))
	case wire.Bitfield:
		p.pick.Bits(m.Bits)
	case wire.Have:
		p.pick.Have(m.Block.Piece)
	}
}

// wants reports whether a peer has, or may have, something that is missing.
func (f *fetcher) wants(p *peer) bool {
	return !f.opened() || f.allowed && p.pick.Interesting()
}

func (f *fetcher) choked(p *peer) {
	if p.pick != nil {
		p.pick.Choke(p.conn.Theirs().Fast)
	}
}

func (f *fetcher) unchoked(p *peer) {
	if p.pick != nil {
		p.pick.Unchoke()
	}
}

func (f *fetcher) rejected(p *peer, b wire.Block) {
	if p.pick != nil {
		f.picker.Rejected(p.pick, pick.Block(b), time.Now())
	}
}

func (f *fetcher) allowedFast(p *peer, piece int) {
	if p.pick == nil {
		p.claims.note(wire.Message{Type: wire.AllowedFast, Block: wire.Block{Piece: piece}})
		return
	}
	p.pick.AllowFast(piece)
}

func (f *fetcher) left(p *peer) {
	if p.pick != nil {
		f.picker.Remove(p.pick)
	}
}

// gotBlock takes a block, and has its piece hashed if it was the last one.
func (o *owner) gotBlock(p *peer, m wire.Message) {
	f, now := &o.fetch, time.Now()
	var r pick.Receipt
	if p.pick != nil {
		r = f.picker.Received(p.pick, pick.Block(m.Block), now)
	}
	n := int64(len(m.Data))
	if !r.Wanted {
		wire.Free(m.Data)
		if p.waste += n; p.waste > p.useful+mostWaste {
			o.cfg.Log.Info("a peer sends what nobody has asked for", "peer", p.name)
			o.hangUp(p)
		}
		return
	}
	p.useful += n
	f.fetched = true
	o.t.counts.down.Add(n)
	f.ledger.gave(m.Block, p.giver)
	o.cfg.Events.Block(m.Block.Piece, len(m.Data), p.name)
	f.work.write(m.Block, m.Data)
	if r.Complete {
		f.work.hash(m.Block.Piece, f.ledger.disputed(m.Block.Piece))
	}
}

// plan asks peers for what is to be fetched now.
func (f *fetcher) plan(now time.Time) {
	if !f.opened() || len(f.o.peers) == 0 {
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

// checked hears whether a piece is right.
func (o *owner) checked(v verdict) {
	f := &o.fetch
	switch {
	case v.err != nil:
		if f.allowed { // Whatever else fails was on its way.
			o.cfg.Events.WriteFailed(v.err)
			o.allowFetch(false)
		}
		f.picker.Failed(v.piece)
		f.ledger.forget(v.piece)
		f.work.restart(v.piece)
	case v.piece < 0: // The worker has caught up, and that is all.
	case v.right:
		f.picker.Done(v.piece)
		o.settleAccount(v)
		o.tellAll(v.piece)
	case v.check:
		f.picker.Lost(v.piece)
		f.forgotten = true
		o.meeting.reunite()
		o.regardAll()
	default:
		f.picker.Failed(v.piece)
		o.settleAccount(v)
	}
	delete(f.unknown, v.piece)
	o.tellWhole()
}

// tellWhole tells once when nothing is missing any more.
func (o *owner) tellWhole() {
	f := &o.fetch
	was := f.whole
	f.whole = len(f.unknown) == 0 && f.picker.Missing() == 0
	switch {
	case was || !f.whole:
		return
	case f.fetched:
		f.fetched = false
		o.cfg.Events.Finished()
	default:
		o.cfg.Events.Checked()
	}
	o.partAll()
}

// tellAll tells those who may want it that a piece is here.
func (o *owner) tellAll(piece int) {
	for p := range o.peers {
		if !p.pick.Has(piece) {
			p.conn.Send(wire.Message{Type: wire.Have, Block: wire.Block{Piece: piece}})
		}
		o.regard(p)
	}
}

func (o *owner) regardAll() {
	for p := range o.peers {
		o.regard(p)
	}
}

func (o *owner) want(w Want) {
	if o.fetch.wanted = w; o.fetch.opened() {
		o.fetch.picker.Want(w.Urgent, w.Soon, time.Now())
	}
}

func (o *owner) allowFetch(allowed bool) {
	f := &o.fetch
	if f.allowed == allowed {
		return
	}
	f.allowed = allowed
	if f.opened() {
		f.picker.Stop(!allowed)
		o.regardAll()
	}
}

func (o *owner) lost(pieces []int) {
	if !o.fetch.opened() {
		return
	}
	for _, i := range pieces {
		if o.fetch.isMissing(i) {
			o.fetch.picker.Lost(i)
		}
	}
	o.fetch.forgotten = true
	o.fetch.whole = o.fetch.whole && len(pieces) == 0
	o.meeting.reunite()
	o.regardAll()
}

// check has pieces hashed; done is called when that is over.
func (o *owner) check(ctx context.Context, pieces []int, done func()) {
	switch {
	case o.fetch.opened() && len(pieces) > 0:
		o.fetch.work.check(ctx, pieces, done)
	case done != nil:
		done()
	}
}

func (o *owner) copies() []int {
	if !o.fetch.opened() || len(o.peers) == 0 {
		return nil
	}
	return o.fetch.picker.Copies()
}

func (o *owner) partial() map[int]bool {
	if !o.fetch.opened() {
		return nil
	}
	pieces := make(map[int]bool)
	for _, i := range o.fetch.picker.Partial() {
		pieces[i] = true
	}
	return pieces
}

func (o *owner) arrived(pieces []int) (n int64) {
	if !o.fetch.opened() {
		return 0
	}
	for _, i := range pieces {
		n += o.fetch.picker.Arrived(i)
	}
	return n
}

func (f *fetcher) end() {
	if f.work != nil {
		f.work.end()
	}
}
