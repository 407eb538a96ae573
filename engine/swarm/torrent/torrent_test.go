package torrent

import (
	"bytes"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// expectComplete fails the test unless all bytes of the site are here.
func (n *node) expectComplete(t *testing.T) {
	t.Helper()
	got := make([]byte, len(n.site.bytes))
	if _, err := n.data.ReadAt(got, 0); err != nil || !bytes.Equal(got, n.site.bytes) {
		t.Errorf("not the bytes of the site (%v)", err)
	}
}

// One peer has all pieces, and the other one only the info dictionary, or not even that.
func TestDownload(t *testing.T) {
	for name, magnet := range map[string]bool{"content known": false, "infohash alone": true} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 3<<20+12345, 128<<10, 1)
			seed := newNode(t, s, options{complete: true})
			seed.listen(t)
			leech := newNode(t, s, options{magnet: magnet})
			leech.addGivenPeers(seed.addr)
			enginetest.Receive(t, leech.finished, "the whole site")
			leech.expectComplete(t)
			if st := leech.Stats(); st.Down != s.layout.Size {
				t.Errorf("%+v", st)
			}
		})
	}
}

// A leech uploads its pieces while it downloads the others, and several seeds share the work.
func TestSwarmOfSeveral(t *testing.T) {
	s := newSite(t, 4<<20, 64<<10, 2)
	seeds := []*node{newNode(t, s, options{complete: true}), newNode(t, s, options{complete: true})}
	first, last := newNode(t, s, options{}), newNode(t, s, options{magnet: true, noPEX: true})
	for _, n := range append(seeds, first) {
		n.listen(t)
	}
	last.addGivenPeers(first.addr) // It knows nobody else.
	first.addGivenPeers(seeds[0].addr, seeds[1].addr)
	enginetest.Receive(t, first.finished, "the first one's site")
	enginetest.Receive(t, last.finished, "the last one's site")
	last.expectComplete(t)
	if up := first.Stats().Up; up != s.layout.Size {
		t.Errorf("the first one gave %d of %d bytes", up, s.layout.Size)
	}
	if a, b := seeds[0].Stats().Up, seeds[1].Stats().Up; a+b < s.layout.Size {
		t.Errorf("the seeds gave %d and %d bytes", a, b)
	}
}

// Nothing is fetched while fetching is not allowed, and the download starts once it is.
func TestFetchIsForbidden(t *testing.T) {
	s := newSite(t, 1<<20, 64<<10, 6)
	seed := newNode(t, s, options{complete: true})
	seed.listen(t)
	leech := newNode(t, s, options{})
	leech.AllowFetch(false)
	leech.addGivenPeers(seed.addr)
	met := func() bool { return leech.Stats().Peers == 1 }
	for deadline := time.Now().Add(time.Minute); !met(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("they do not meet")
		}
	}
	if n := leech.Stats().Down; n != 0 {
		t.Errorf("%d bytes were fetched", n)
	}
	leech.AllowFetch(true)
	enginetest.Receive(t, leech.finished, "the whole site")
	// Complete copies do not stay connected, and come back when one of them has lost something.
	leech.data.Incomplete(3)
	leech.MarkLost([]int{3})
	enginetest.Receive(t, leech.pieceCompletion(3), "what was lost")
	leech.expectComplete(t)
}

// A check finds damaged pieces, which are fetched again.
func TestCheckFindsDamage(t *testing.T) {
	s := newSite(t, 1<<20, 64<<10, 7)
	seed, rotten := newNode(t, s, options{complete: true}), newNode(t, s, options{complete: true})
	seed.listen(t)
	if _, err := rotten.data.WriteAt([]byte("rot"), 5*s.layout.PieceLength); err != nil {
		t.Fatal(err)
	}
	rotten.addGivenPeers(seed.addr)
	var all []int
	for i := range s.layout.Pieces {
		all = append(all, i)
	}
	if err := rotten.Check(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	enginetest.Receive(t, rotten.pieceCompletion(5), "the piece that had rotted")
	rotten.expectComplete(t)
}
