package tracker

import (
	"encoding/binary"
	"slices"
	"testing"
)

// TestMagnetLinkClientIsNoSeed promises that an aria2 with only a magnet link, which announces that nothing is left,
// is told of seeds, and is not a seed before it has downloaded something.
func TestMagnetLinkClientIsNoSeed(t *testing.T) {
	const aria2 = "A2-1-36-0-0123456789"
	tr := newTracker(t, Config{})
	announceFrom(t, tr, "9.9.9.9", announceQuery(1, 1, 1, 0))
	began := announceFrom(t, tr, "8.8.8.8", announceQuery(1, 2, 2, 0, "peer_id="+aria2))
	if !slices.Equal(began.peers(), []string{"9.9.9.9:1"}) || began.Complete != 1 || began.Incomplete != 1 {
		t.Errorf("at first: %+v %v", began, began.peers())
	}
	ended := announceFrom(t, tr, "8.8.8.8", announceQuery(1, 2, 2, 0, "peer_id="+aria2, "downloaded=7"))
	if len(ended.peers()) != 0 || ended.Complete != 2 || ended.Incomplete != 0 {
		t.Errorf("at last: %+v %v", ended, ended.peers())
	}

	c := newUDPClient(t, tr, "7.7.7.7:500", "")
	for downloaded, leechers := range []uint32{1, 0} {
		body := announceBody(1, 3, 3, 0, 0, 10)
		copy(body[20:], aria2)
		binary.BigEndian.PutUint64(body[40:], uint64(downloaded))
		if got := binary.BigEndian.Uint32(c.request(udpAnnounce, body)[12:]); got != leechers {
			t.Errorf("over UDP, with %d bytes: %d leechers, want %d", downloaded, got, leechers)
		}
	}
}
