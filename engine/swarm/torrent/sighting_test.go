package torrent

import (
	"testing"
	"time"

	"wtptui/engine"
)

// awaitCopies waits until a node counts that many complete peers, as many of them proven. A peer is counted before its
// connection ends, so it waits for the end.
func (n *node) awaitCopies(t *testing.T, copies, proven int) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		c := n.copies.Count(time.Now())
		if c.Copies == copies && c.Proven == proven {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatalf("it counts %+v, want %d copies, %d of them proven", c, copies, proven)
		}
	}
}

// Seeds disconnect from each other at once, and still count each other.
func TestSeedsCountEachOther(t *testing.T) {
	s := newSite(t, 1<<20, 1<<18, 31)
	seed := options{complete: true, noPEX: true}
	one, two, three := newNode(t, s, seed), newNode(t, s, seed), newNode(t, s, seed)
	two.listen(t)
	three.listen(t)
	one.addGivenPeers(two.addr, three.addr)
	one.awaitCopies(t, 2, 0)
	two.awaitCopies(t, 1, 0)
}

// Peers that have sent or received verified pieces count as proven, also after they have disconnected.
func TestPeersThatExchangedPiecesAreProven(t *testing.T) {
	s := newSite(t, 1<<20, 1<<18, 32)
	seed, leech := newNode(t, s, options{complete: true}), newNode(t, s, options{})
	seed.listen(t)
	leech.addGivenPeers(seed.addr)
	<-leech.finished
	leech.awaitCopies(t, 1, 1)
	seed.awaitCopies(t, 1, 1)
}

// A peer without pieces is reported as an incomplete copy. A mirror, and a peer that has not sent its bitfield, are
// not reported.
func TestIncompletePeersAreNoCopies(t *testing.T) {
	s := newSite(t, 1<<20, 1<<18, 33)
	one, other := newNode(t, s, options{}), newNode(t, s, options{})
	other.listen(t)
	if c := one.copies.Count(time.Now()); c.Copies != -1 {
		t.Errorf("before it has met anybody: %+v", c)
	}
	one.addGivenPeers(other.addr)
	one.awaitCopies(t, 0, 0)
	if c := one.copies.Count(time.Now()); c.WebCopies != -1 {
		t.Errorf("no browser was met: %+v", c)
	}
}

// Peers that stay connected are reported again, so that their sightings do not expire.
func TestConnectedPeersAreSightedAgain(t *testing.T) {
	s := newSite(t, 1<<20, 1<<18, 34)
	n := newNode(t, s, options{})
	n.run(func(o *owner) {
		p := &peer{via: engine.TCP, sighted: sighted{declared: true, at: time.Now().Add(-2 * sightingInterval)}}
		p.claims.all = true
		o.sightings.tick(members{p: {}}, time.Now())
		if !p.sighted.complete || time.Since(p.sighted.at) > time.Minute {
			t.Errorf("told as %+v", p.sighted)
		}
	})
	n.awaitCopies(t, 1, 0)
}
