package swarm

import (
	"context"
	"iter"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/publicnet"
	"wtptui/engine/swarm/wire"
)

// shakeTime is how long a peer that calls may take to shake hands.
const shakeTime = 15 * time.Second

// reception meets those who call, and hands them over to their torrents.
type reception struct {
	sockets    *sockets
	torrents   *registry
	online     *onlineClock
	handshake  func(infohash) wire.Handshake // what we say
	encryption Encryption
	log        *slog.Logger
	inward     atomic.Bool // a connection has come from a public address

	ctx context.Context // ends when nobody is met any more
	wg  sync.WaitGroup
}

// accept meets those who call, until the listener is closed. A listener whose connections are known has had others
// bound how many there may be.
func (r *reception) accept(l net.Listener, via engine.Via, known bool) {
	for {
		conn, err := l.Accept()
		if err != nil {
			if r.ctx.Err() != nil {
				return
			}
			r.log.Warn("cannot accept a connection", "on", l.Addr().String(), "err", err)
			select { // There may be too many open files for now.
			case <-time.After(time.Second):
				continue
			case <-r.ctx.Done():
				return
			}
		}
		if !known && !r.sockets.begin(conn) {
			_ = conn.Close()
			continue
		}
		r.wg.Go(func() {
			r.greet(conn, via)
			if !known {
				r.sockets.shaken(conn)
			}
		})
	}
}

// greet shakes hands with a peer that has called, and hands it over to its torrent.
func (r *reception) greet(conn net.Conn, via engine.Via) {
	ctx, cancel := context.WithTimeout(r.ctx, shakeTime)
	defer cancel()
	w, err := wire.Accept(ctx, conn, wire.AcceptOptions{
		Ours: func(hash [20]byte) (wire.Handshake, bool) {
			h := r.torrents.get(hash)
			return r.handshake(hash), h != nil && h.peers.Load() != nil
		},
		Infohashes: r.hashes(),
		RequireMSE: r.encryption == dial.Require,
		PreferRC4:  r.encryption != dial.PlainFirst,
	})
	if err != nil {
		r.log.Debug("a peer that called did not shake hands", "peer", conn.RemoteAddr().String(), "err", err)
		return
	}
	theirs := w.Theirs()
	ap, isInternet := addrPort(conn.RemoteAddr())
	h := r.torrents.get(theirs.Infohash)
	if h == nil || r.sockets.offenders.isBanned(theirs.PeerID, ap.Addr(), time.Now()) {
		w.Close()
		return
	}
	peers := h.peers.Load()
	if peers == nil {
		w.Close()
		return
	}
	r.online.answered()
	if via != engine.WebRTC && isInternet && publicnet.Is(ap.Addr()) {
		r.inward.Store(true)
	}
	peers.AddConn(w, via, dial.Incoming)
}

// hashes are those of the torrents that may be called for.
func (r *reception) hashes() iter.Seq[[20]byte] {
	return func(yield func([20]byte) bool) {
		for h := range r.torrents.inSwarms() {
			if !yield(h.hash) {
				return
			}
		}
	}
}
