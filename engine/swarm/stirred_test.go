package swarm

import (
	"testing"
	"time"
)

// An idle torrent is polled seldom: OnChange is called when a peer connects.
func TestOnChangeWhenAPeerConnects(t *testing.T) {
	seed, visitor, s := start(t, config(t)), start(t, config(t)), newSite(t, 16<<10, 100_000)
	publish(t, seed, s)
	stirred := make(chan struct{}, 1)
	tor := add(t, visitor, Spec{Infohash: s.hash, OnChange: func() {
		select {
		case stirred <- struct{}{}:
		default:
		}
	}})
	select {
	case <-stirred:
		t.Fatal("stirred before anybody was there")
	default:
	}
	connect(tor, seed)
	select {
	case <-stirred:
	case <-time.After(time.Minute):
		t.Fatal("a peer came, and nobody was told")
	}
}
