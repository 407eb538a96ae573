package webtorrent

import (
	"errors"
	"os"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// channelLabel is what others call the data channel too; nobody looks at it.
const channelLabel = "webrtc-datachannel"

// peerKey is a peer of one torrent.
type peerKey struct{ infohash, peer [20]byte }

// link is one peer connection, from the offer, ours or the peer's, to its end. Client.mu guards what changes.
type link struct {
	client  *Client
	torrent *Torrent
	tracker *tracker
	offered bool // we made the offer
	offerID string

	peer   [20]byte // zero until our offer is answered
	pc     *webrtc.PeerConnection
	conn   *Conn       // nil until the channel is open
	timer  *time.Timer // ends the link unless it gets on
	unwell bool        // nothing has come from the peer for some seconds
	ended  bool

	// describing is held while pion makes or takes a description of the connection, which must not be closed meanwhile:
	// what pion begins then is never ended.
	describing sync.Mutex
}

func (l *link) key() peerKey { return peerKey{l.torrent.infohash, l.peer} }

// attach makes the link's peer connection and has it report here. An error means that the link has to end.
func (l *link) attach() error {
	pc, err := newPeerConnection(l.client.cfg.ICEServers, l.tracker.isLocal(), l.client.times.lost)
	if err != nil {
		return err
	}
	pc.OnConnectionStateChange(l.changed)
	if !l.offered {
		pc.OnDataChannel(func(dc *webrtc.DataChannel) {
			dc.OnOpen(func() { l.open(pc, dc) })
		})
	} else {
		dc, err := pc.CreateDataChannel(channelLabel, nil)
		if err != nil {
			return errors.Join(err, pc.GracefulClose())
		}
		dc.OnOpen(func() { l.open(pc, dc) })
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

// changed follows the state of the peer connection. pion calls it.
func (l *link) changed(state webrtc.PeerConnectionState) {
	l.client.mu.Lock()
	defer l.client.mu.Unlock()
	switch state {
	case webrtc.PeerConnectionStateConnected:
		l.unwell = false
	case webrtc.PeerConnectionStateDisconnected:
		l.unwell = true
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		if l.conn == nil && !l.ended {
			l.client.counts.Unconnected++
		}
		l.end()
	}
}

// open takes a data channel that has just opened. pion calls it. A link has one channel; others that the peer opens are
// closed.
func (l *link) open(pc *webrtc.PeerConnection, dc *webrtc.DataChannel) {
	raw, err := dc.DetachWithDeadline()
	if err != nil {
		l.finish()
		return
	}
	ch, ok := raw.(channel)
	if !ok {
		l.finish()
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
		Addr{Endpoint: remote, Offered: l.offered, PeerID: l.peer}, l.torrent.infohash, &c.buffers, l.finish)
	c.counts.Opened++
	conn := l.conn
	c.spawn(func() { l.welcome(conn) })
}

// welcome exchanges handshakes and gives the connection to whoever accepts.
func (l *link) welcome(conn *Conn) {
	c := l.client
	err := greet(conn, newHandshake(c.cfg.Reserved, conn.infohash, c.cfg.PeerID), c.times.handshake)
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
	case <-timer.C: // nobody accepts
		_ = conn.Close()
	case <-c.ctx.Done():
		_ = conn.Close()
	}
}

// limit ends the link after d unless it gets on before. It is called with Client.mu held.
func (l *link) limit(d time.Duration, count *uint64) {
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

// finish ends the link.
func (l *link) finish() {
	l.client.mu.Lock()
	defer l.client.mu.Unlock()
	l.end()
}

// end lets go of everything, in the background since pion takes its time. It is called with Client.mu held.
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
