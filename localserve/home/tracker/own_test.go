package tracker

import (
	"sync/atomic"
	"testing"
)

// TestOwnEngineLeavesUnservedTorrent promises that the own engine leaves a torrent that is not served any more, and is
// not named to peers when it is served again.
func TestOwnEngineLeavesUnservedTorrent(t *testing.T) {
	var unserved atomic.Bool
	tr := New(Config{Serves: func([20]byte) bool { return !unserved.Load() }})
	defer func() { _ = tr.Close() }()
	web := newOwnWebClient(t, tr, 1)
	announceOwn(t, tr, announceQuery(1, 1, 4242, 0))
	web.announce(1, 0)

	unserved.Store(true)
	if a := announceOwn(t, tr, announceQuery(1, 1, 4242, 0, "event=stopped")); a.Failure != "" {
		t.Errorf("it leaves: %+v", a)
	}
	left := web.announceMessage(1, 0)
	left["event"] = "stopped"
	web.send(left)
	if m := web.receive(); m.Failure != "" {
		t.Errorf("it leaves: %+v", m)
	}
	if a := announceFrom(t, tr, "9.9.9.9", announceQuery(1, 2, 2, 1, "event=stopped")); a.Failure != notServed {
		t.Errorf("a stranger leaves: %+v", a)
	}
	if a := announceOwn(t, tr, announceQuery(1, 1, 4242, 0)); a.Failure != notServed {
		t.Errorf("it comes: %+v", a)
	}

	unserved.Store(false)
	if n := tr.swarms.counts(testHash(1), false); n.seeds != 0 {
		t.Errorf("callable: %+v", n)
	}
	if n := tr.swarms.counts(testHash(1), true); n.seeds != 0 {
		t.Errorf("in browsers: %+v", n)
	}
}
