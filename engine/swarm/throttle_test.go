package swarm

import (
	"testing"
	"time"
)

func TestThrottle(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	say := func(th *throttle, n int) {
		for range n {
			th.heard(now)
		}
	}
	var idle, chatty, seeded throttle
	if d := idle.pause(now); d != 0 {
		t.Errorf("who has said nothing waits %v", d)
	}
	say(&chatty, messageBurst)
	if d := chatty.pause(now); d != 0 {
		t.Errorf("a burst waits %v", d)
	}
	say(&chatty, messageRate/2)
	if d := chatty.pause(now); d != time.Second/2 {
		t.Errorf("half a second's worth of messages too many waits %v", d)
	}
	if d := chatty.pause(now.Add(time.Second / 2)); d != 0 {
		t.Errorf("and half a second later %v", d)
	}
	say(&chatty, 100*messageBurst)
	if d := chatty.pause(now); d != longestPause {
		t.Errorf("a flood waits %v", d)
	}
	for range 100 * messageBurst { // A leech asks for each of its blocks, and tells of each of its pieces.
		say(&seeded, 2)
		seeded.moved(blockSize)
	}
	if d := seeded.pause(now); d != 0 {
		t.Errorf("who is sent what it asks for waits %v", d)
	}
}
