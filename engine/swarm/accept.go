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

// handshakeTimeout is how long an incoming connection may take to shake hands.
const handshakeTimeout = 15 * time.Second

// acceptor accepts incoming connections, shakes hands, and passes them to their torrents.
type acceptor struct {
	sockets        *sockets
	torrents       *registry
	online         *onlineClock
	handshake      func(infohash) wire.Handshake // the handshake that we send
	encryption     Encryption
	log            *slog.Logger
	publicIncoming atomic.Bool // whether a peer has connected from a public address

	ctx context.Context // when it ends, no more connections are accepted
	wg  sync.WaitGroup
}

// accept accepts connections until the listener is closed. limited reports that the listener itself limits how many
// connections it returns; otherwise sockets limits the handshakes in progress.
func (r *acceptor) accept(l net.Listener, via engine.Via, limited bool) {
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
		if !limited && !r.sockets.startHandshake(conn) {
			_ = conn.Close()
			continue
		}
		r.wg.Go(func() {
			r.acceptConn(conn, via)
			if !limited {
				r.sockets.endHandshake(conn)
			}
		})
	}
}

// acceptConn shakes hands with an incoming peer and passes the connection to its torrent.
func (r *acceptor) acceptConn(conn net.Conn, via engine.Via) {
	ctx, cancel := context.WithTimeout(r.ctx, handshakeTimeout)
	defer cancel()
	w, err := wire.Accept(ctx, conn, wire.AcceptOptions{
		Ours: func(hash [20]byte) (wire.Handshake, bool) {
			h := r.torrents.get(hash)
			return r.handshake(hash), h != nil && h.swarm.Load() != nil
		},
		Infohashes: r.infohashes(),
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
	peers := h.swarm.Load()
	if peers == nil {
		w.Close()
		return
	}
	r.online.recordAnswer()
	if via != engine.WebRTC && isInternet && publicnet.Is(ap.Addr()) {
		r.publicIncoming.Store(true)
	}
	peers.AddConn(w, via, dial.Incoming)
}

// infohashes returns the infohashes of the torrents that accept peers.
func (r *acceptor) infohashes() iter.Seq[[20]byte] {
	return func(yield func([20]byte) bool) {
		for h := range r.torrents.joined() {
			if !yield(h.hash) {
				return
			}
		}
	}
}
