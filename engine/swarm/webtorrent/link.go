package webtorrent

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/pion/webrtc/v4"
)

// channelLabel is the label that other clients use, too. It has no meaning.
const channelLabel = "webrtc-datachannel"

// link is one peer connection. Its fields never change; linkState holds what does.
type link struct {
	client  *Client
	torrent *Torrent
	tracker *tracker
	offered bool // we made the offer
	offerID string
}

// errLinkEnded means that a link has ended while its connection was being described.
var errLinkEnded = errors.New("webtorrent: the connection is not wanted any more")

// newPeerConnection returns a peer connection that reports to the link. local enables loopback addresses. The caller
// describes it and then passes it to the link with attach.
func (l *link) newPeerConnection(local bool) (*webrtc.PeerConnection, error) {
	pc, err := newPeerConnection(l.client.cfg.ICEServers, local, l.client.times.lost)
	if err != nil {
		return nil, err
	}
	pc.OnConnectionStateChange(l.handleStateChange)
	if !l.offered {
		pc.OnDataChannel(func(dc *webrtc.DataChannel) {
			dc.OnOpen(func() { l.handleDataChannel(pc, dc) })
		})
		return pc, nil
	}
	dc, err := pc.CreateDataChannel(channelLabel, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("webtorrent: create channel: %w", err), pc.GracefulClose())
	}
	dc.OnOpen(func() { l.handleDataChannel(pc, dc) })
	return pc, nil
}

// attach passes a peer connection to the link. If that has ended, attach closes the peer connection and returns
// errLinkEnded. Whoever creates or applies a session description keeps the peer connection to itself until then: if it
// were closed meanwhile, goroutines that pion starts would never end.
func (l *link) attach(pc *webrtc.PeerConnection) error {
	attached := false
	l.update(func(_ *state, ls *linkState) { ls.pc, attached = pc, true })
	if !attached {
		return errors.Join(errLinkEnded, pc.GracefulClose())
	}
	return nil
}

// handleStateChange handles a new state of the peer connection. pion calls it.
func (l *link) handleStateChange(pcState webrtc.PeerConnectionState) {
	l.update(func(s *state, ls *linkState) {
		switch pcState {
		case webrtc.PeerConnectionStateConnected:
			ls.disconnected = false
		case webrtc.PeerConnectionStateDisconnected:
			ls.disconnected = true
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			if ls.conn == nil {
				s.counts.Unconnected++
			}
			s.links.end(ls)
		}
	})
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
	first, peer := false, [20]byte{}
	l.update(func(_ *state, ls *linkState) {
		first, peer = !ls.opened, ls.peer
		ls.opened = true
	})
	if !first {
		_ = ch.Close()
		return
	}
	local, remote := endpoints(pc)
	conn := newConn(
		ch, Addr{Endpoint: local, Offered: l.offered}, Addr{Endpoint: remote, Offered: l.offered, PeerID: peer},
		l.torrent.infohash, &l.client.buffers, l.close,
	)
	ended := true
	l.update(func(s *state, ls *linkState) {
		ended = false
		ls.timer.Stop()
		ls.conn = conn
		s.counts.Opened++
		s.later.start(func() { l.deliver(conn) })
	})
	if ended {
		_ = conn.Close()
	}
}

// deliver exchanges handshakes and passes the connection to Accept.
func (l *link) deliver(conn *Conn) {
	c := l.client
	err := exchangeHandshakes(conn, newHandshake(c.cfg.Reserved, conn.infohash, c.cfg.PeerID), c.times.handshake)
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.update(func(s *state) { s.counts.Silent++ })
		}
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

// expire is called when the link should have made progress.
func (l *link) expire() { l.update((*state).expireLink) }

// close ends the link.
func (l *link) close() {
	l.update(func(s *state, ls *linkState) { s.links.end(ls) })
}
