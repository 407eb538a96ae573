package torrent

import (
	"testing"
	"time"

	"wtptui/engine/swarm/wire"
)

func TestThrottle(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	say := func(th *throttle, n int) (pause time.Duration) {
		for range n {
			pause = th.note(now, 0, 0)
		}
		return pause
	}
	var chatty, late, seeded throttle
	if d := say(&chatty, messageBurst); d != 0 {
		t.Errorf("a burst waits %v", d)
	}
	if d := say(&chatty, messageRate/2); d != time.Second/2 {
		t.Errorf("half a second's worth of messages too many waits %v", d)
	}
	if d := say(&chatty, 100*messageBurst); d != longestPause {
		t.Errorf("a flood waits %v", d)
	}
	say(&late, messageBurst+messageRate/2)
	now = now.Add(time.Second)
	if d := say(&late, 1); d != 0 {
		t.Errorf("who has waited waits %v more", d)
	}
	var sent int64
	for range 100 * messageBurst { // A leech asks for each of its blocks, and tells of each of its pieces.
		sent += wire.BlockSize
		if d := seeded.note(now, 0, sent); d != 0 {
			t.Fatalf("who is sent what it asks for waits %v", d)
		}
		if d := seeded.note(now, 0, sent); d != 0 {
			t.Fatalf("who is sent what it asks for waits %v", d)
		}
	}
}
