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

// maxUnrequestedBytes is how many bytes a peer may send that were not requested from it, beyond what it has sent of
// use.
const maxUnrequestedBytes = 4 << 20

var errUnrequestedData = errors.New("torrent: the peer sends data that was not requested")

// fetcher turns blocks into verified pieces: it requests what is missing, has the worker write and hash the blocks,
// and announces finished pieces to the peers. Until the content is known it does nothing.
type fetcher struct {
	*storage

	peers  members
	events Events
	log    *slog.Logger
	down   *atomic.Int64 // bytes of content
	// expel bans a peer that has sent wrong data and closes its connection. redialSeeds allows seeds to be dialed
	// again that were dropped when everything was complete.
	expel       func(*peer)
	redialSeeds func()

	picker    *pick.Picker // nil until the content is known, like worker
	worker    *worker
	senders   senderLedger
	steps     []pick.Step
	requested []*peer // the peers that steps send requests to
	allowed   bool
	// wanted is what is wanted first. wantStale reports whether it must be passed to the picker again.
	wanted    Want
	wantStale bool
	// fetched reports whether a block has been fetched since everything was complete last, so that Finished must be
	// called. verified reports whether no piece is missing or unchecked. unchecked holds the pieces that must be
	// hashed before that is known.
	fetched, verified bool
	unchecked         map[int]struct{}
}

// open starts fetching, and has the pieces of unknown state hashed until ctx ends.
func (f *fetcher) open(ctx context.Context, w *worker) {
	f.worker = w
	f.unchecked = make(map[int]struct{})
	f.picker = pick.New(pick.Shape(f.content.Load().Layout), f.isMissing)
	f.picker.SetStopped(!f.allowed)
	f.setWant(f.wanted)
	f.verified = len(f.unchecked) == 0 && f.complete()
	f.check(ctx, slices.Sorted(maps.Keys(f.unchecked)), nil)
}

// isMissing reports whether a piece has to be fetched. A piece of unknown state is added to unchecked, and is not
// missing until it has been hashed.
func (f *fetcher) isMissing(piece int) bool {
	done, known := f.content.Load().Data.Piece(piece)
	if !known {
		f.unchecked[piece] = struct{}{}
	}
	return known && !done
}

// complete reports whether no piece has to be fetched. Some may still have to be hashed.
func (f *fetcher) complete() bool { return f.picker != nil && f.picker.Missing() == 0 }

// ignoresCancel reports whether a peer ignores that a request is canceled if the block is in its send buffer, which has
// no limit, and otherwise neither sends nor rejects the block. WebTorrent does so in spite of the fast extension
// (BEP 6), which it supports. Its peer ids begin with "-WW", those of WebTorrent Desktop with "-WD". Other peers with
// the extension reject canceled requests. Browsers without it are assumed to behave like WebTorrent.
func ignoresCancel(via engine.Via, theirs wire.Handshake) bool {
	client := string(theirs.PeerID[:3])
	return client == "-WW" || client == "-WD" || via == engine.WebRTC && !theirs.Fast
}

// addPeer adds a peer to the picker.
func (f *fetcher) addPeer(p *peer, now time.Time) {
	layout := f.content.Load().Layout
	p.conn.SetLayout(layout)
	p.pick = f.picker.Add(now)
	p.pick.Owner = p
	p.pick.SetFast(p.conn.Theirs().Fast)
	if ignoresCancel(p.via, p.conn.Theirs()) {
		p.pick.IgnoresCancel()
	}
	if p.hello.Requests > 0 {
		p.pick.SetMaxRequests(p.hello.Requests)
	}
	switch {
	case p.claims.all:
		p.pick.SetAll()
	case len(p.claims.bits) > 0:
		m := wire.Message{Type: wire.Bitfield, Bits: p.claims.bits}
		_ = layout.Check(&m) // It makes the bits fit the number of pieces.
		p.pick.SetBitfield(m.Bits)
	}
	for _, piece := range p.claims.allowed {
		p.pick.AllowFast(piece)
	}
	if !p.choking {
		p.pick.Unchoked()
	}
	p.claims = claims{}
}

// updateInterest tells a peer whether it has a missing piece, or may have one.
func (f *fetcher) updateInterest(p *peer) {
	p.setInterest(!f.opened() || f.allowed && p.pick.HasMissing())
}

func (f *fetcher) updateAllInterest() {
	for p := range f.peers {
		f.updateInterest(p)
	}
}

func (f *fetcher) handleReject(p *peer, b wire.Block) {
	if p.pick != nil {
		f.picker.Rejected(p.pick, pick.Block(b), time.Now())
	}
}

func (f *fetcher) removePeer(p *peer) {
	if p.pick != nil {
		f.picker.Remove(p.pick)
	}
}

// handleBlock records a block, has it written, and has its piece hashed if it was the last missing block. It returns
// an error when the peer has sent too many unrequested bytes.
func (f *fetcher) handleBlock(p *peer, m wire.Message) error {
	var r pick.Receipt
	if p.pick != nil {
		r = f.picker.Received(p.pick, pick.Block(m.Block), time.Now())
	}
	n := int64(len(m.Data))
	if !r.Wanted {
		wire.Free(m.Data)
		if p.unrequested += n; p.unrequested > p.downloaded+maxUnrequestedBytes {
			return errUnrequestedData
		}
		return nil
	}
	p.downloaded += n
	f.fetched = true
	f.down.Add(n)
	f.senders.recordBlock(m.Block, p.sender)
	f.events.BlockReceived(m.Block.Piece, len(m.Data), p.name)
	f.worker.writeBlock(m.Block, m.Data)
	if r.Complete {
		f.worker.hashPiece(m.Block.Piece, f.senders.wasWrongBefore(m.Block.Piece))
	}
	return nil
}

// sendRequests sends the requests and cancels that the picker plans now.
func (f *fetcher) sendRequests(now time.Time) {
	if !f.opened() || len(f.peers) == 0 {
		return
	}
	if f.wantStale {
		f.wantStale = false
		f.picker.SetWanted(f.wanted.Urgent, f.wanted.Soon, now)
	}
	f.steps = f.picker.Plan(now, f.steps[:0])
	for _, s := range f.steps {
		p, t := s.Peer.Owner.(*peer), wire.Request
		if s.Cancel {
			t = wire.Cancel
		}
		if len(p.outbox) == 0 {
			f.requested = append(f.requested, p)
		}
		p.outbox = append(p.outbox, wire.Message{Type: t, Block: wire.Block(s.Block)})
	}
	for _, p := range f.requested {
		p.conn.Send(p.outbox...)
		clear(p.outbox)
		p.outbox = p.outbox[:0]
	}
	f.requested = f.requested[:0]
}

func (f *fetcher) nextPlan(now time.Time) time.Time {
	if !f.opened() {
		return time.Time{}
	}
	return f.picker.Next(now)
}

// isDiskBehind reports whether too many received bytes wait to be written.
func (f *fetcher) isDiskBehind() bool { return f.worker != nil && f.worker.isFull() }

func (f *fetcher) results() <-chan verdict {
	if f.worker == nil {
		return nil
	}
	return f.worker.verdicts
}

// handleVerdict handles the result of hashing a piece. It returns true once when nothing is missing any more.
func (f *fetcher) handleVerdict(v verdict) (becameComplete bool) {
	switch {
	case v.err != nil:
		if f.allowed { // Any later error is of a write that was queued already.
			f.events.WriteFailed(v.err)
			f.setAllowed(false)
		}
		f.picker.PieceFailed(v.piece)
		f.senders.forget(v.piece)
		f.worker.restartPiece(v.piece)
	case v.piece < 0: // The worker has caught up; there is no piece.
	case v.valid:
		f.picker.PieceVerified(v.piece)
		f.creditSenders(v)
		f.announcePiece(v.piece)
	case v.isCheck:
		f.picker.PieceLost(v.piece)
		f.resume()
	default:
		f.picker.PieceFailed(v.piece)
		f.creditSenders(v)
	}
	delete(f.unchecked, v.piece)
	wasVerified := f.verified
	f.verified = len(f.unchecked) == 0 && f.complete()
	switch {
	case wasVerified || !f.verified:
		return false
	case f.fetched:
		f.fetched = false
		f.events.Finished()
	default:
		f.events.Checked()
	}
	return true
}

// creditSenders reports which peers sent a piece right, and bans those that sent wrong data.
func (f *fetcher) creditSenders(v verdict) {
	honest, liars := f.senders.resolve(v)
	for _, g := range honest {
		g.peer.sentVerified = true
		f.events.SenderChecked(g.id, g.addr, true)
	}
	for _, g := range liars {
		f.log.Info("a peer gave wrong data", "peer", g.peer.name)
		f.events.SenderChecked(g.id, g.addr, false)
		f.expel(g.peer)
	}
}

// announcePiece sends Have to the peers that lack a piece, and updates our interest in all peers.
func (f *fetcher) announcePiece(piece int) {
	for p := range f.peers {
		if !p.pick.Has(piece) {
			p.conn.Send(wire.Message{Type: wire.Have, Block: wire.Block{Piece: piece}})
		}
		f.updateInterest(p)
	}
}

// announceAllToSeeds tells all seeds of every piece, once all are here. Seeds were not told piece by piece, but must
// learn that there is one more copy. HaveAll may only follow the handshake (BEP 6).
func (f *fetcher) announceAllToSeeds() {
	if f.pieces() > maxHaveMessages {
		return
	}
	news := f.haveMessages()
	for p := range f.peers {
		if p.pick.Seed() && p.via != engine.WebSeed {
			p.conn.Send(news...)
		}
	}
}

func (f *fetcher) setWant(w Want) {
	if f.wanted = w; f.opened() {
		f.picker.SetWanted(w.Urgent, w.Soon, time.Now())
	}
}

func (f *fetcher) setAllowed(allowed bool) {
	if f.allowed == allowed {
		return
	}
	f.allowed = allowed
	if f.opened() {
		f.picker.SetStopped(!allowed)
		f.updateAllInterest()
	}
}

// handleLost fetches those of the pieces again that are known to be missing.
func (f *fetcher) handleLost(pieces []int) {
	if !f.opened() {
		return
	}
	for _, i := range pieces {
		if f.isMissing(i) {
			f.picker.PieceLost(i)
		}
	}
	f.verified = f.verified && len(pieces) == 0
	f.resume()
}

// resume restarts fetching after pieces were lost.
func (f *fetcher) resume() {
	f.wantStale = true
	f.redialSeeds()
	f.updateAllInterest()
}

// check has pieces hashed, and calls done when that is over. done may be nil.
func (f *fetcher) check(ctx context.Context, pieces []int, done func()) {
	switch {
	case f.opened() && len(pieces) > 0:
		f.worker.checkPieces(ctx, pieces, done)
	case done != nil:
		done()
	}
}

func (f *fetcher) close() {
	if f.worker != nil {
		f.worker.close()
	}
}
