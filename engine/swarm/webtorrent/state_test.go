package webtorrent

import (
	"testing"

	"github.com/pion/webrtc/v4"
)

// newTestState returns the state of a client that does nothing, and a torrent with one tracker.
func newTestState(t *testing.T) (s *state, tor *Torrent, tr *trackerState) {
	t.Helper()
	c := newTestClient(t, "m", nil)
	own := newState(c.cfg)
	tor = &Torrent{client: c, infohash: testInfohash}
	if earlier := own.add(tor, []Tracker{{URL: "ws://tracker.example"}}, true); earlier != nil {
		t.Fatal("there is a torrent already")
	}
	return &own, tor, own.trackers["ws://tracker.example/"]
}

func TestStateHasOneTorrentPerInfohash(t *testing.T) {
	s, first, tr := newTestState(t)
	second := &Torrent{client: first.client, infohash: testInfohash}
	if earlier := s.add(second, nil, false); earlier != first {
		t.Fatalf("the earlier torrent is %p, want %p", earlier, first)
	}
	tr.entries[testInfohash].announced = true
	s.drop(s.torrent(first), 1, 2, 3)
	if s.torrent(first) != nil || len(tr.entries) != 0 {
		t.Error("the earlier one is still announced")
	}
	if len(tr.stoppedRequests) != 1 || tr.stoppedRequests[0].Event != stopped || tr.stoppedRequests[0].Downloaded != 2 {
		t.Errorf("the tracker is told %+v", tr.stoppedRequests)
	}
	if earlier := s.add(second, nil, false); earlier != nil || s.torrent(second) == nil {
		t.Error("the torrent is not added")
	}
}

// TestNoOffersForRemovedTracker removes a torrent's tracker while an announce to it is being prepared: nobody would
// receive the offers.
func TestNoOffersForRemovedTracker(t *testing.T) {
	s, tor, tr := newTestState(t)
	e := tr.entries[testInfohash]
	for _, removed := range s.setTrackers(s.torrent(tor), nil, true) {
		removed.remove(0, 0, 0)
	}
	l := &link{client: tor.client, torrent: tor, tracker: tr.handle, offered: true, offerID: "late"}
	if s.addOffer(l, e) || len(s.links.all) != 0 {
		t.Error("an offer is made for a tracker that was removed")
	}
}

// TestAnswerToOfferOfConnectedPeer has a peer answer our offer while there is another link to it.
func TestAnswerToOfferOfConnectedPeer(t *testing.T) {
	for name, tc := range map[string]struct {
		offered, open, disconnected bool
		peer                        string
		answered                    bool // the answer's link stays, and the other ends
	}{
		"we have answered, and our offer stays":         {peer: "a", answered: true},
		"we have answered, and the peer's offer stays":  {peer: "z"},
		"the link that the peer has offered is open":    {peer: "a", open: true},
		"the peer has answered another offer of ours":   {peer: "a", offered: true},
		"the other link has lost the peer":              {peer: "z", disconnected: true, answered: true},
		"the other link was open and has lost the peer": {peer: "z", open: true, disconnected: true, answered: true},
	} {
		s, tor, tr := newTestState(t)
		old := &link{client: tor.client, torrent: tor, tracker: tr.handle, offered: tc.offered, offerID: "old"}
		ours := &link{client: tor.client, torrent: tor, tracker: tr.handle, offered: true, offerID: "new"}
		for _, l := range []*link{old, ours} {
			if !s.addOffer(l, tr.entries[testInfohash]) {
				t.Fatalf("%s: no offer may be added", name)
			}
		}
		ls := s.links.all[old]
		ls.unanswered, ls.peer, ls.disconnected = false, peerID(tc.peer), tc.disconnected
		if tc.open {
			ls.conn = &Conn{}
		}
		s.links.all[ours].pc = &webrtc.PeerConnection{}
		s.handleAnswer(tr, message{infohash: testInfohash, peerID: peerID(tc.peer), offerID: "new"}, false)
		stays := s.links.peer(testInfohash, peerID(tc.peer))
		if len(s.links.all) != 1 || stays == nil || (stays.handle == ours) != tc.answered {
			t.Errorf("%s: the link that stays is %+v of %d", name, stays, len(s.links.all))
		}
		if duplicate := s.counts.Duplicates == 1; duplicate == tc.answered {
			t.Errorf("%s: %d duplicates", name, s.counts.Duplicates)
		}
		s.links.endIf(func(*linkState) bool { return true })
	}
}
