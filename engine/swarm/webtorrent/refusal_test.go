package webtorrent

import (
	"testing"
	"time"
)

// TestRefusalAffectsOneTorrent: torrents that a tracker refuses take neither time nor offers from those it serves.
func TestRefusalAffectsOneTorrent(t *testing.T) {
	const refused = 3
	tr := newTestTracker(t)
	tr.set(func() { tr.refuses = func(infohash string) bool { return infohash[0] < refused } })
	c := newTestClient(t, "a", func(cfg *Config) {
		cfg.MaxOffers = 8
		cfg.times.minInterval, cfg.times.silentInterval, cfg.times.unanswered = time.Hour, time.Hour, time.Hour
	})
	for i := range refused {
		spec, _ := newSpec(10, tr.url)
		spec.Infohash[0] = byte(i)
		tor := c.Add(spec)
		eventually(t, "the refusal", func() bool { return tor.Trackers()[0].Error == "not registered" })
	}
	if n := c.Status().Offers; n != 0 {
		t.Errorf("%d offers wait for answers", n)
	}
	spec, _ := newSpec(10, tr.url)
	spec.Infohash[0] = refused
	tor := c.Add(spec)
	m := tr.expect(t, "the torrent that is served", func(m trackerRequest) bool {
		return m.InfoHash == encodeBinary(spec.Infohash[:])
	})
	if len(m.Offers) != c.cfg.MaxOffers/2 {
		t.Errorf("it has %d offers", len(m.Offers))
	}
	eventually(t, "it is served", func() bool { return tor.Trackers()[0].Status == "working" })
}

// TestRefusedTorrentBacksOff: each refusal doubles the wait, and an answer begins anew.
func TestRefusedTorrentBacksOff(t *testing.T) {
	s := newState(Config{}.withDefaults())
	tr := &trackerState{later: s.later, times: s.times, entries: make(map[[20]byte]*entry)}
	e := &entry{torrent: &Torrent{}, tracker: tr, sent: time.Now()}
	tr.entries[testInfohash] = e
	for i, want := range []time.Duration{
		30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute,
		30 * time.Minute, 30 * time.Minute, 0, 30 * time.Second,
	} {
		e.awaitingReply = true
		if want == 0 {
			s.handleReply(tr, message{infohash: testInfohash, interval: time.Minute})
			continue
		}
		s.handleReply(tr, message{infohash: testInfohash, failure: "no"})
		if got := e.due.Sub(e.sent); got < want*9/10 || got > want*11/10 {
			t.Errorf("answer %d: the next announce is in %v, want about %v", i, got, want)
		}
		due := e.due
		s.handleReply(tr, message{infohash: testInfohash, failure: "no"})
		if e.due != due {
			t.Error("a refusal of something else puts the next announce off")
		}
	}
}
