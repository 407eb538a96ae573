package sites

import (
	"slices"
	"testing"
	"time"

	"wtptui/engine/swarm"
)

// newQuietTorrents returns idle torrents in a pollQueue.
func newQuietTorrents(r *pollQueue, n int) []*torrent {
	all := make([]*torrent, n)
	for i := range all {
		all[i] = &torrent{complete: true, joined: struct{ swarm.Torrent }{}}
		r.add(all[i])
	}
	return all
}

func TestPollQueuePollsAllInTurn(t *testing.T) {
	r, now := newPollQueue(), time.Unix(0, 0)
	all := newQuietTorrents(r, 100)
	asked := map[*torrent]int{}
	for range idleInterval / tickInterval {
		now = now.Add(tickInterval)
		for _, t := range r.dueTorrents(now) {
			asked[t]++
		}
	}
	for i, one := range all {
		if asked[one] == 0 {
			t.Errorf("torrent %d was not asked in %v", i, idleInterval)
		}
	}
}

func TestPollQueuePollsFewOfMany(t *testing.T) {
	r := newPollQueue()
	all := newQuietTorrents(r, 20*maxIdlePerTick)
	all[7].stats.Peers, all[9].paused, all[9].complete = 1, true, false
	r.dueTorrents(time.Unix(1, 0))
	turn := r.dueTorrents(time.Unix(2, 0))
	if len(turn) != maxIdlePerTick+1 || !slices.Contains(turn, all[7]) {
		t.Errorf("%d of %d torrents were asked, want %d and the one that has a peer", len(turn), len(all), maxIdlePerTick)
	}
}

func TestPollQueuePollsActiveTorrentsAtOnce(t *testing.T) {
	r, now := newPollQueue(), time.Unix(0, 0)
	all := newQuietTorrents(r, 20*maxIdlePerTick)
	r.dueTorrents(now)
	far := all[len(all)-1]
	r.markActive(far)
	for range idleInterval / tickInterval {
		if now = now.Add(tickInterval); !slices.Contains(r.dueTorrents(now), far) {
			t.Fatalf("a torrent that was stirred was not asked %v after the start", now.Sub(time.Unix(0, 0)))
		}
	}
	if now = now.Add(tickInterval); slices.Contains(r.dueTorrents(now), far) {
		t.Error("a torrent in which nothing more happened is asked at every tick")
	}
}

func TestPollQueueForgetsRemovedTorrents(t *testing.T) {
	r := newPollQueue()
	all := newQuietTorrents(r, 3)
	all[0].stats.Peers = 1
	for range 3 {
		r.dueTorrents(time.Unix(1, 0))
	}
	r.markActive(all[0])
	for i, one := range all {
		r.remove(one)
		if turn := r.dueTorrents(time.Unix(2, 0)); slices.Contains(turn, one) || len(turn) == 0 && i < 2 {
			t.Fatalf("after %d of 3 have left: %d are asked", i+1, len(turn))
		}
	}
	if len(r.order)+len(r.active)+len(r.marked) > 0 {
		t.Error("something of them is left")
	}
}
