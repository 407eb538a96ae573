package webtorrent

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"sync"
)

// makeOffers returns up to n offers of the torrent for a tracker, fewer if there are many already.
func (c *Client) makeOffers(t *tracker, tor *Torrent, n int) []offer {
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		offers []offer
	)
	for range n {
		l := c.newOffer(t, tor)
		if l == nil {
			break
		}
		wg.Go(func() {
			sdp, err := l.makeOffer()
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

// newOffer creates a link, or returns nil if there are enough.
func (c *Client) newOffer(t *tracker, tor *Torrent) *link {
	var id [20]byte
	_, _ = rand.Read(id[:]) // never fails
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || tor.dropped || len(c.links.offers) >= c.cfg.MaxOffers {
		return nil
	}
	l := &link{client: c, torrent: tor, tracker: t, offered: true, offerID: encodeBinary(id[:])}
	l.setTimeout(c.times.unanswered, &c.counts.Unanswered)
	c.links.addOffer(l)
	return l
}

func (l *link) makeOffer() (string, error) {
	c := l.client
	if err := c.acquireSlot(); err != nil {
		return "", err
	}
	defer c.releaseSlot()
	if err := l.createPeerConnection(); err != nil {
		return "", err
	}
	l.describing.Lock()
	defer l.describing.Unlock()
	return makeOffer(c.ctx, l.pc, c.times.gather)
}

// handleOffer answers a peer's offer unless there is a reason not to.
func (c *Client) handleOffer(t *tracker, m message) {
	if m.peerID == c.cfg.PeerID {
		return // Some trackers return our own.
	}
	known := c.cfg.IsConnected(m.infohash, m.peerID)
	c.mu.Lock()
	defer c.mu.Unlock()
	tor := c.torrents[m.infohash]
	old := c.links.peers[peerKey{m.infohash, m.peerID}]
	switch {
	case c.closed || tor == nil:
		return
	case known || old != nil && !old.disconnected:
		c.counts.Duplicates++
		return
	}
	if old != nil {
		old.end()
	}
	if !c.links.allowPeer(c.cfg, tor, c.times.idle) {
		c.counts.Refused++
		return
	}
	l := &link{client: c, torrent: tor, tracker: t, offerID: m.offerID, peer: m.peerID}
	l.setTimeout(c.times.open, &c.counts.Unconnected)
	c.links.addPeer(l)
	tor.countPeerFound(t)
	c.spawn(func() {
		if err := l.answer(m.offer); err != nil {
			c.log.Debug("webtorrent: answer offer", "err", err)
			l.close()
		}
	})
}

// answer creates the answer to a peer's offer and sends it.
func (l *link) answer(sdp string) error {
	c := l.client
	if err := c.acquireSlot(); err != nil {
		return err
	}
	defer c.releaseSlot()
	sdp, hidden, err := cleanSDP(sdp, l.tracker.mayUseAddr)
	if err != nil {
		return err
	}
	if err := l.createPeerConnection(); err != nil {
		return err
	}
	l.describing.Lock()
	sdp, err = makeAnswer(c.ctx, l.pc, sdp, c.times.gather)
	l.describing.Unlock()
	if err != nil {
		return err
	}
	l.resolveHidden(hidden)
	return l.tracker.send(answerRequest{
		Action: "announce", InfoHash: encodeBinary(l.torrent.infohash[:]), PeerID: encodeBinary(c.cfg.PeerID[:]),
		TrackerID: l.torrent.trackerID(l.tracker), ToPeerID: encodeBinary(l.peer[:]), OfferID: l.offerID,
		Answer: description{Type: "answer", SDP: sdp},
	})
}

// handleAnswer continues with an offer of ours that a peer has answered.
func (c *Client) handleAnswer(t *tracker, m message) {
	known := c.cfg.IsConnected(m.infohash, m.peerID)
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.links.offers[m.offerID]
	if l == nil || l.tracker != t || l.torrent.infohash != m.infohash || l.pc == nil || m.peerID == c.cfg.PeerID {
		c.counts.Stray++
		return
	}
	old := c.links.peers[peerKey{m.infohash, m.peerID}]
	switch {
	case known, old != nil && !old.disconnected && !c.yieldsTo(old):
		c.counts.Duplicates++
		l.end()
		return
	case old != nil:
		old.end()
	}
	if !c.links.allowPeer(c.cfg, l.torrent, c.times.idle) {
		c.counts.Refused++
		l.end()
		return
	}
	c.links.answer(l, m.peerID)
	l.setTimeout(c.times.open, &c.counts.Unconnected)
	l.torrent.countPeerFound(t)
	c.spawn(func() {
		if err := l.accept(m.answer); err != nil {
			c.log.Debug("webtorrent: accept answer", "err", err)
			l.close()
		}
	})
}

// yieldsTo reports whether a link that is being created gives way to the peer's answer to our offer: both sides have
// answered each other's offers.
func (c *Client) yieldsTo(old *link) bool {
	return !old.offered && old.conn == nil && keepOurs(c.cfg.PeerID, old.peer)
}

func (l *link) accept(answer string) error {
	answer, hidden, err := cleanSDP(answer, l.tracker.mayUseAddr)
	if err != nil {
		return err
	}
	l.describing.Lock()
	err = acceptAnswer(l.pc, answer)
	l.describing.Unlock()
	if err != nil {
		return err
	}
	l.resolveHidden(hidden)
	return nil
}

// resolveHidden resolves mDNS names in candidates and adds the addresses. Meanwhile the peer may have tried ours.
func (l *link) resolveHidden(hidden []candidate) {
	c := l.client
	for _, cand := range hidden {
		c.wg.Go(func() {
			ctx, cancel := context.WithTimeout(c.ctx, c.times.resolve)
			defer cancel()
			ip, err := c.mdns.resolve(ctx, cand[candidateAddress])
			// The local network has named it.
			reachable := func(ip netip.Addr) bool { return isUsableIP(ip, l.tracker.isLocal()) }
			if err == nil && cand.withAddress(ip).isUsable(reachable) {
				err = addCandidate(l.pc, cand.withAddress(ip))
			}
			if err != nil {
				c.log.Debug("webtorrent: hidden address", "err", err)
			}
		})
	}
}

// acquireSlot waits until another connection may be described; that takes work, and untrusted peers cause it.
func (c *Client) acquireSlot() error {
	select {
	case c.describeSlots <- struct{}{}:
		return nil
	case <-c.ctx.Done():
		return errors.New("webtorrent: closed")
	}
}

func (c *Client) releaseSlot() { <-c.describeSlots }
