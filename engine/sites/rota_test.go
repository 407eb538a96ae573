package sites

import (
	"slices"
	"testing"
	"time"

	"wtptui/engine/swarm"
)

// quietTorrents are torrents that do nothing, in a rota.
func quietTorrents(r *rota, n int) []*torrent {
	all := make([]*torrent, n)
	for i := range all {
		all[i] = &torrent{complete: true, joined: struct{ swarm.Torrent }{}}
		r.add(all[i])
	}
	return all
}

func TestRotaAsksAllInTurn(t *testing.T) {
	r, now := newRota(), time.Unix(0, 0)
	all := quietTorrents(r, 100)
	asked := map[*torrent]int{}
	for range idlePoll / tick {
		now = now.Add(tick)
		for _, t := range r.turn(now) {
			asked[t]++
		}
	}
	for i, one := range all {
		if asked[one] == 0 {
			t.Errorf("torrent %d was not asked in %v", i, idlePoll)
		}
	}
}

func TestRotaAsksFewOfMany(t *testing.T) {
	r := newRota()
	all := quietTorrents(r, 20*mostIdle)
	all[7].last.Peers, all[9].paused, all[9].complete = 1, true, false
	r.turn(time.Unix(1, 0))
	turn := r.turn(time.Unix(2, 0))
	if len(turn) != mostIdle+1 || !slices.Contains(turn, all[7]) {
		t.Errorf("%d of %d torrents were asked, want %d and the one that has a peer", len(turn), len(all), mostIdle)
	}
}

func TestRotaAsksAtOnceWhereSomethingHappened(t *testing.T) {
	r, now := newRota(), time.Unix(0, 0)
	all := quietTorrents(r, 20*mostIdle)
	r.turn(now)
	far := all[len(all)-1]
	r.stir(far)
	for range idlePoll / tick {
		if now = now.Add(tick); !slices.Contains(r.turn(now), far) {
			t.Fatalf("a torrent that was stirred was not asked %v after the start", now.Sub(time.Unix(0, 0)))
		}
	}
	if now = now.Add(tick); slices.Contains(r.turn(now), far) {
		t.Error("a torrent in which nothing more happened is asked at every tick")
	}
}

func TestRotaForgetsThoseThatLeave(t *testing.T) {
	r := newRota()
	all := quietTorrents(r, 3)
	all[0].last.Peers = 1
	for range 3 {
		r.turn(time.Unix(1, 0))
	}
	r.stir(all[0])
	for i, one := range all {
		r.remove(one)
		if turn := r.turn(time.Unix(2, 0)); slices.Contains(turn, one) || len(turn) == 0 && i < 2 {
			t.Fatalf("after %d of 3 have left: %d are asked", i+1, len(turn))
		}
	}
	if len(r.order)+len(r.lively)+len(r.stirred) > 0 {
		t.Error("something of them is left")
	}
}
