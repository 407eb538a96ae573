package torrent

import (
	"net"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/wire"
)

var begin = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// quiet is a connection without traffic.
type quiet struct {
	Conn
	said []wire.Type
	left []wire.Block // what UnserveAll returns
}

func (c *quiet) Send(all ...wire.Message) {
	for _, m := range all {
		c.said = append(c.said, m.Type)
	}
}

func (c *quiet) UnserveAll() []wire.Block { return c.left }

func (c *quiet) RemoteAddr() net.Addr { return &net.TCPAddr{} }

func (c *quiet) Obfuscated() bool { return false }

func (c *quiet) Theirs() wire.Handshake { return wire.Handshake{Fast: true} }

// newUploads returns the uploads to n interested peers, which are unchoked as long as there are slots.
func newUploads(n int) (*uploads, []*peer) {
	u := &uploads{peers: members{}, isSeeding: func() bool { return false }}
	var peers []*peer
	for i := range n {
		p := &peer{
			conn: &quiet{}, choking: true, choked: true, via: engine.TCP, origin: dial.Tracker, since: time.Unix(int64(i), 0),
		}
		u.peers[p] = struct{}{}
		peers = append(peers, p)
		p.interestedInUs = true
		u.unchokeWaiting(begin)
	}
	return u, peers
}

func countUnchoked(peers []*peer) (n int) {
	for _, p := range peers {
		if !p.choked {
			n++
		}
	}
	return n
}

// While there are slots, an interested peer is unchoked at once. Other peers use no slot.
func TestInterestedPeersAreUnchokedAtOnce(t *testing.T) {
	u, peers := newUploads(maxUnchoked + 3)
	if n := countUnchoked(peers); n != maxUnchoked || peers[maxUnchoked-1].choked || !peers[maxUnchoked].choked {
		t.Errorf("%d of %d are served", n, len(peers))
	}
	peers[0].interestedInUs = false
	u.unchokeWaiting(begin)
	if peers[maxUnchoked].choked {
		t.Error("a place that nobody needs any more is not given to the next one")
	}
}

// If all slots are in use, a new peer replaces one that has had its turn, if there is one.
func TestNewPeerReplacesOneThatHadATurn(t *testing.T) {
	for after, want := range map[time.Duration]bool{minUnchokedTime - 1: false, minUnchokedTime: true} {
		u, peers := newUploads(maxUnchoked)
		for i, p := range peers {
			p.up.Store(int64(i))
		}
		late := &peer{conn: &quiet{}, choked: true, interestedInUs: true}
		u.peers[late] = struct{}{}
		for range 2 { // It does not lose its place at once.
			u.unchokeWaiting(begin.Add(after))
			all := append([]*peer{late}, peers...)
			if late.choked == want || peers[maxUnchoked-1].choked != want || countUnchoked(all) != maxUnchoked {
				t.Errorf("after %v the newcomer waits: %v, who got most does: %v", after, late.choked, peers[maxUnchoked-1].choked)
			}
		}
	}
}

// Most slots go to the peers that upload most, and some rotate. The waiting requests of a peer that is choked are
// rejected.
func TestBestUploadersAreUnchoked(t *testing.T) {
	u, peers := newUploads(3 * maxUnchoked)
	for i, p := range peers {
		p.downloaded = int64(i)
	}
	waiting := &wire.Block{Piece: 1, Length: wire.BlockSize}
	peers[0].conn.(*quiet).left = []wire.Block{*waiting}
	now := begin
	u.tick(now)
	if n := countUnchoked(peers); n != maxUnchoked {
		t.Fatalf("%d are served", n)
	}
	for i, p := range peers[len(peers)-maxUnchoked+optimisticSlots:] {
		if p.choked {
			t.Errorf("number %d of those who give most is not served", i)
		}
	}
	if said := peers[0].conn.(*quiet).said; len(said) != 3 || said[1] != wire.Choke || said[2] != wire.Reject {
		t.Errorf("who has lost its place was told %v", said)
	}
	u.tick(now.Add(chokeInterval / 2))
	had := map[*peer]bool{}
	for round := range 3 * len(peers) / optimisticSlots {
		for i, p := range peers {
			p.downloaded += int64(i)
			had[p] = had[p] || !p.choked
		}
		now = now.Add(chokeInterval)
		u.tick(now)
		if n := countUnchoked(peers); n != maxUnchoked {
			t.Fatalf("%d are served in round %d", n, round)
		}
	}
	if len(had) != len(peers) {
		t.Errorf("%d of %d had a place", len(had), len(peers))
	}
	for p, ever := range had {
		if !ever {
			t.Fatalf("somebody never had a place: %+v", p)
		}
	}
}
