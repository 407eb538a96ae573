package webtorrent

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"sync"

	"github.com/pion/webrtc/v4"
)

// makeOffers returns up to n offers for an announce of e, fewer if there are many already. local enables loopback
// addresses.
func (c *Client) makeOffers(e *entry, n int, local bool) []offer {
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		offers []offer
	)
	for range n {
		l := c.newOffer(e)
		if l == nil {
			break
		}
		wg.Go(func() {
			sdp, err := l.makeOffer(local)
			if err != nil {
				c.log.Debug("webtorrent: make offer", "err", err)
				l.close()
				return
			}
			mu.Lock()
			defer mu.Unlock()
			offers = append(offers, offer{OfferID: l.offerID, Offer: description{Type: "offer", SDP: sdp}})
		})
	}
	wg.Wait()
	return offers
}

// newOffer creates a link, or returns nil if no more are needed.
func (c *Client) newOffer(e *entry) *link {
	var id [20]byte
	_, _ = rand.Read(id[:]) // never fails
	l := &link{
		client: c, torrent: e.torrent, tracker: e.tracker.handle, offered: true, offerID: encodeBinary(id[:]),
	}
	added := false
	c.update(func(s *state) { added = s.addOffer(l, e) })
	if !added {
		return nil
	}
	return l
}

func (l *link) makeOffer(local bool) (sdp string, err error) {
	if err := l.acquireSlot(); err != nil {
		return "", err
	}
	defer l.releaseSlot()
	pc, err := l.newPeerConnection(local)
	if err != nil {
		return "", err
	}
	sdp, err = makeOffer(l.client.ctx, pc, l.client.times.gather)
	return sdp, errors.Join(err, l.attach(pc))
}

// handleOffer answers a peer's offer unless there is a reason not to.
func (c *Client) handleOffer(t *tracker, m message) {
	if m.peerID == c.cfg.PeerID {
		return // Some trackers return our own.
	}
	connected := c.cfg.IsConnected(m.infohash, m.peerID)
	t.update(func(s *state, ts *trackerState) { s.handleOffer(ts, m, connected) })
}

// handleAnswer continues with an offer of ours that a peer has answered.
func (c *Client) handleAnswer(t *tracker, m message) {
	connected := c.cfg.IsConnected(m.infohash, m.peerID)
	t.update(func(s *state, ts *trackerState) { s.handleAnswer(ts, m, connected) })
}

// answer answers a peer's offer, or ends the link. A tracker at origin has sent the offer.
func (l *link) answer(m message, origin netip.Addr, trackerID string) {
	if err := l.sendAnswer(m, origin, trackerID); err != nil {
		l.client.log.Debug("webtorrent: answer offer", "err", err)
		l.close()
	}
}

// sendAnswer creates the answer to a peer's offer and sends it.
func (l *link) sendAnswer(m message, origin netip.Addr, trackerID string) error {
	c := l.client
	if err := l.acquireSlot(); err != nil {
		return err
	}
	defer l.releaseSlot()
	sdp, hidden, err := cleanSDP(m.offer, l.mayReach(origin))
	if err != nil {
		return err
	}
	pc, err := l.newPeerConnection(origin.IsLoopback())
	if err != nil {
		return err
	}
	sdp, err = makeAnswer(c.ctx, pc, sdp, c.times.gather)
	if err := errors.Join(err, l.attach(pc)); err != nil {
		return err
	}
	l.resolveHidden(pc, hidden, origin)
	response := answerRequest{
		Action: "announce", InfoHash: encodeBinary(l.torrent.infohash[:]), PeerID: encodeBinary(c.cfg.PeerID[:]),
		TrackerID: trackerID, ToPeerID: encodeBinary(m.peerID[:]), OfferID: l.offerID,
		Answer: description{Type: "answer", SDP: sdp},
	}
	return l.tracker.send(func() any { return response })
}

// accept applies the answer to our offer, or ends the link. A tracker at origin has sent the answer. The link gets its
// peer connection back afterwards.
func (l *link) accept(pc *webrtc.PeerConnection, answer string, origin netip.Addr) {
	answer, hidden, err := cleanSDP(answer, l.mayReach(origin))
	if err == nil {
		err = acceptAnswer(pc, answer)
	}
	if err := errors.Join(err, l.attach(pc)); err != nil {
		l.client.log.Debug("webtorrent: accept answer", "err", err)
		l.close()
		return
	}
	l.resolveHidden(pc, hidden, origin)
}

// mayReach returns a function that reports whether a peer may be contacted at an address that it, or a tracker at
// origin, has sent.
func (l *link) mayReach(origin netip.Addr) func(netip.Addr) bool {
	return func(target netip.Addr) bool { return l.client.cfg.MayReach(origin, target) }
}

// resolveHidden resolves mDNS names in candidates and adds the addresses. Meanwhile the peer may have tried ours.
func (l *link) resolveHidden(pc *webrtc.PeerConnection, hidden []candidate, origin netip.Addr) {
	c := l.client
	for _, cand := range hidden {
		c.wg.Go(func() {
			ctx, cancel := context.WithTimeout(c.ctx, c.times.resolve)
			defer cancel()
			ip, err := c.mdns.resolve(ctx, cand[candidateAddress])
			// The local network has named it.
			reachable := func(ip netip.Addr) bool { return isUsableIP(ip, origin.IsLoopback()) }
			if err == nil && cand.withAddress(ip).isUsable(reachable) {
				err = addCandidate(pc, cand.withAddress(ip))
			}
			if err != nil {
				c.log.Debug("webtorrent: hidden address", "err", err)
			}
		})
	}
}

// acquireSlot waits until the connection may be described; that takes work, and untrusted peers cause it.
func (l *link) acquireSlot() error {
	select {
	case l.client.describeSlots <- struct{}{}:
	case <-l.client.ctx.Done():
		return net.ErrClosed
	}
	wanted := false
	l.update(func(*state, *linkState) { wanted = true })
	if !wanted {
		l.releaseSlot()
		return errLinkEnded
	}
	return nil
}

func (l *link) releaseSlot() { <-l.client.describeSlots }
