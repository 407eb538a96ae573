package webtorrent

import (
	"errors"
	"os"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// channelLabel is the label that other clients use, too. It has no meaning.
const channelLabel = "webrtc-datachannel"

// peerKey identifies a peer of one torrent.
type peerKey struct{ infohash, peer [20]byte }

// link is one peer connection, from the offer, ours or the peer's, to its end. Client.mu guards the mutable fields.
type link struct {
	client  *Client
	torrent *Torrent
	tracker *tracker
	offered bool // we made the offer
	offerID string

	peer         [20]byte // zero until our offer is answered
	pc           *webrtc.PeerConnection
	conn         *Conn       // nil until the channel is open
	timer        *time.Timer // closes the link unless it makes progress
	disconnected bool        // nothing has arrived from the peer for some seconds
	ended        bool

	// describing is held while pion creates or applies a session description. The connection must not be closed
	// meanwhile: goroutines that pion starts then would never end.
	describing sync.Mutex
}

func (l *link) key() peerKey { return peerKey{l.torrent.infohash, l.peer} }

// createPeerConnection creates the link's peer connection and registers callbacks. If it returns an error, the link
// must be closed.
func (l *link) createPeerConnection() error {
	pc, err := newPeerConnection(l.client.cfg.ICEServers, l.tracker.isLocal(), l.client.times.lost)
	if err != nil {
		return err
	}
	pc.OnConnectionStateChange(l.handleStateChange)
	if !l.offered {
		pc.OnDataChannel(func(dc *webrtc.DataChannel) {
			dc.OnOpen(func() { l.handleDataChannel(pc, dc) })
		})
	} else {
		dc, err := pc.CreateDataChannel(channelLabel, nil)
		if err != nil {
			return errors.Join(err, pc.GracefulClose())
		}
		dc.OnOpen(func() { l.handleDataChannel(pc, dc) })
	}
	l.client.mu.Lock()
	ended := l.ended
	l.pc = pc
	l.client.mu.Unlock()
	if ended {
		return errors.Join(errors.New("webtorrent: the connection is not wanted any more"), pc.GracefulClose())
	}
	return nil
}

// handleStateChange handles a new state of the peer connection. pion calls it.
func (l *link) handleStateChange(state webrtc.PeerConnectionState) {
	l.client.mu.Lock()
	defer l.client.mu.Unlock()
	switch state {
	case webrtc.PeerConnectionStateConnected:
		l.disconnected = false
	case webrtc.PeerConnectionStateDisconnected:
		l.disconnected = true
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		if l.conn == nil && !l.ended {
			l.client.counts.Unconnected++
		}
		l.end()
	}
}

// handleDataChannel handles a data channel that has just opened. pion calls it. A link has one channel; others that
// the peer opens are closed.
func (l *link) handleDataChannel(pc *webrtc.PeerConnection, dc *webrtc.DataChannel) {
	raw, err := dc.DetachWithDeadline()
	if err != nil {
		l.close()
		return
	}
	ch, ok := raw.(channel)
	if !ok {
		l.close()
		return
	}
	c := l.client
	local, remote := endpoints(pc)
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.ended || l.conn != nil {
		_ = ch.Close()
		return
	}
	l.timer.Stop()
	l.conn = newConn(ch, Addr{Endpoint: local, Offered: l.offered},
		Addr{Endpoint: remote, Offered: l.offered, PeerID: l.peer}, l.torrent.infohash, &c.buffers, l.close)
	c.counts.Opened++
	conn := l.conn
	c.spawn(func() { l.deliver(conn) })
}

// deliver exchanges handshakes and passes the connection to Accept.
func (l *link) deliver(conn *Conn) {
	c := l.client
	err := exchangeHandshakes(conn, newHandshake(c.cfg.Reserved, conn.infohash, c.cfg.PeerID), c.times.handshake)
	if err != nil {
		c.mu.Lock()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.counts.Silent++
		}
		c.mu.Unlock()
		c.log.Debug("webtorrent: no handshake", "peer", conn.remote.String(), "err", err)
		_ = conn.Close()
		return
	}
	timer := time.NewTimer(c.times.handshake)
	defer timer.Stop()
	select {
	case c.accepted <- conn:
	case <-conn.done:
	case <-timer.C: // Accept is not being called.
		_ = conn.Close()
	case <-c.ctx.Done():
		_ = conn.Close()
	}
}

// setTimeout closes the link after d, and increments count, unless the link is connected before. The caller must hold
// Client.mu.
func (l *link) setTimeout(d time.Duration, count *uint64) {
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer = time.AfterFunc(d, func() {
		l.client.mu.Lock()
		defer l.client.mu.Unlock()
		if !l.ended && l.conn == nil {
			*count++
			l.end()
		}
	})
}

// close closes the link.
func (l *link) close() {
	l.client.mu.Lock()
	defer l.client.mu.Unlock()
	l.end()
}

// end closes everything, in a goroutine since pion takes its time. The caller must hold Client.mu.
func (l *link) end() {
	if l.ended {
		return
	}
	l.ended = true
	l.timer.Stop()
	l.client.links.remove(l)
	conn, pc := l.conn, l.pc
	l.client.spawn(func() {
		if conn != nil {
			_ = conn.Close()
		}
		if pc != nil {
			l.describing.Lock()
			defer l.describing.Unlock()
			_ = pc.GracefulClose()
		}
	})
}
