package swarm

import (
	"crypto/sha1"
	"errors"
	"io"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
	"github.com/cespare/xxhash/v2"
)

// Who gave wrong data is found out here and not by the library, which bans addresses: behind the address of a liar
// there may be honest peers (one NAT, one company), and one liar would take all of them away.

// Bounds of what is remembered of liars.
const (
	// banTime is how long a liar is not met again.
	banTime = time.Hour
	// mostLiars is how many peers at one address may have lied, and given fewer right pieces, before nobody there is met
	// again.
	mostLiars = 3
	// maxOffenders and maxAccused bound how many addresses, and how many failures of one piece, are remembered.
	maxOffenders = 4096
	maxAccused   = 4
)

// errLiars is the error of a dial to an address that nothing good comes from.
var errLiars = errors.New("swarm: only wrong data has come from this address")

// giver is a peer as the source of blocks. Its address is the zero Addr if nobody knows it.
type giver struct {
	pc   *torrent.PeerConn
	id   torrent.PeerID
	addr netip.Addr
}

// ledger knows which peers gave the blocks of a torrent's unverified pieces. Its zero value is ready.
type ledger struct {
	mu     sync.Mutex
	pieces map[int]*account
}

// account is what is known of one piece.
type account struct {
	blocks  []*giver // of each block; nil for a web seed's
	accused []claim
}

// claim is what the givers of a piece that was wrong had sent.
type claim struct {
	blocks []*giver
	sums   []uint64
}

// gave notes where a block came from.
func (l *ledger) gave(piece, block int, g *giver) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pieces == nil {
		l.pieces = make(map[int]*account)
	}
	a := l.pieces[piece]
	if a == nil {
		a = &account{}
		l.pieces[piece] = a
	}
	if missing := block + 1 - len(a.blocks); missing > 0 {
		a.blocks = append(a.blocks, make([]*giver, missing)...)
	}
	a.blocks[block] = g
}

// take takes out what is known of a piece; nil if that is nothing.
func (l *ledger) take(piece int) *account {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.pieces[piece]
	delete(l.pieces, piece)
	return a
}

// accuse keeps what is known of a piece whose liars could not be told from the others.
func (l *ledger) accuse(piece int, a *account) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pieces == nil {
		l.pieces = make(map[int]*account)
	}
	l.pieces[piece] = a
}

// givers are the peers that have given a block, each once.
func (a *account) givers() []*giver {
	var all []*giver
	for _, g := range a.blocks {
		if g != nil && !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	return all
}

// liars are those whose blocks were not what they turned out to be.
func (a *account) liars(right []uint64) []*giver {
	var all []*giver
	for _, c := range a.accused {
		for i, g := range c.blocks {
			if g != nil && i < len(right) && i < len(c.sums) && c.sums[i] != right[i] && !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	return all
}

// blockSums hashes what is written to it in blocks.
type blockSums struct {
	sums []uint64
	hash xxhash.Digest
	n    int // of the block that is not complete
}

// Write implements io.Writer.
func (s *blockSums) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		if s.n == 0 {
			s.hash.Reset()
		}
		part := b[:min(len(b), blockSize-s.n)]
		_, _ = s.hash.Write(part)
		b = b[len(part):]
		if s.n += len(part); s.n == blockSize {
			s.close()
		}
	}
	return n, nil
}

// close ends the last block, which may be a short one.
func (s *blockSums) close() {
	if s.n > 0 {
		s.sums = append(s.sums, s.hash.Sum64())
		s.n = 0
	}
}

var _ storage.SelfHashing = piece{}

// SelfHash implements storage.SelfHashing. For a piece that a peer has spoiled it returns an error with the hash, so
// that the library blames nobody.
func (p piece) SelfHash() (sum metainfo.Hash, err error) {
	whole, blocks := sha1.New(), &blockSums{}
	a := p.owner.ledger.take(p.index)
	var w io.Writer = whole
	if a != nil {
		w = io.MultiWriter(whole, blocks)
	}
	if _, err := p.data.CopyPiece(w, p.index); err != nil {
		return sum, err
	}
	blocks.close()
	whole.Sum(sum[:0])
	if a == nil {
		return sum, nil
	}
	return sum, p.owner.settleAccount(p.index, a, blocks.sums, p.owner.meta.Load().isPieceHash(sum, p.index))
}

// settleAccount ends the connections of those who gave wrong blocks of a piece, as far as that can be told. Its error
// says that the piece is wrong and that the library is not to find out who did it.
func (h *handle) settleAccount(piece int, a *account, sums []uint64, right bool) error {
	givers := a.givers()
	offenders := &h.c.sockets.offenders
	if right {
		for _, g := range givers {
			offenders.gaveRight(g.addr)
		}
		h.c.conns.punish(a.liars(sums))
		return nil
	}
	switch {
	case len(givers) == 0: // Nobody gave it, or a web seed did, which the library knows how to treat.
		return nil
	case len(givers) == 1 && len(a.blocks) >= len(sums) && !slices.Contains(a.blocks, nil):
		h.c.conns.punish(givers)
	default:
		a.accused = append(a.accused, claim{slices.Clone(a.blocks), sums})
		a.accused = a.accused[max(0, len(a.accused)-maxAccused):]
	}
	if len(a.accused) > 0 {
		clear(a.blocks)
		h.ledger.accuse(piece, a)
	}
	return io.EOF // which the library does not log
}

// punish ends connections and has those peers not met again for a while.
func (s *connections) punish(liars []*giver) {
	for _, g := range liars {
		s.c.log.Info("a peer gave wrong data", "peer", g.addr.String())
		s.c.sockets.offenders.gaveWrong(*g, time.Now())
		s.hangUp(g.pc)
	}
}

// offenders are peers that gave wrong data. The zero value is ready.
type offenders struct {
	mu    sync.Mutex
	peers map[offender]time.Time // until when they are banned
	addrs map[netip.Addr]*record
}

type offender struct {
	id   torrent.PeerID
	addr netip.Addr
}

// record is how many peers at an address have lied, and how many right pieces have come from there since.
type record struct {
	liars, right int
	until        time.Time // when it is no longer banned; the zero time if it is not
}

func (o *offenders) gaveRight(a netip.Addr) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r := o.addrs[a]; r != nil { // Of those who never gave a wrong piece nothing has to be known.
		r.right++
	}
}

func (o *offenders) gaveWrong(g giver, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.peers == nil {
		o.peers, o.addrs = make(map[offender]time.Time), make(map[netip.Addr]*record)
	}
	who := offender{g.id, g.addr}
	if now.Before(o.peers[who]) {
		return // Its other pieces were wrong, too.
	}
	for k := range o.peers {
		if len(o.peers) < maxOffenders {
			break
		}
		delete(o.peers, k)
	}
	o.peers[who] = now.Add(banTime)
	if !g.addr.IsValid() {
		return
	}
	for k := range o.addrs {
		if len(o.addrs) < maxOffenders {
			break
		}
		delete(o.addrs, k)
	}
	r := o.addrs[g.addr]
	if r == nil {
		r = &record{}
		o.addrs[g.addr] = r
	}
	if r.liars++; r.liars >= mostLiars && r.liars > r.right {
		*r = record{until: now.Add(banTime)}
	}
}

// isBanned reports whether a peer is not to be met.
func (o *offenders) isBanned(id torrent.PeerID, addr netip.Addr, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	until, ok := o.peers[offender{id, addr}]
	return ok && now.Before(until)
}

// isAddrBanned reports whether nobody at an address is to be met.
func (o *offenders) isAddrBanned(addr netip.Addr, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.addrs[addr]
	return r != nil && now.Before(r.until)
}
