package webtorrent

import (
	"sync"
	"time"
)

// deadline is a deadline of a blocking call. The torrent client moves its read deadline before every read, so moving
// it to a later time only takes a lock: a timer that fires too early is reset.
type deadline struct {
	wake func() // makes the blocked call check the deadline

	mu    sync.Mutex
	at    time.Time
	timer *time.Timer
	due   time.Time // when the timer fires; zero if it does not
}

// set sets the deadline like net.Conn's SetDeadline: the zero time means none.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	d.at = t
	passed := false
	if !t.IsZero() {
		wait := time.Until(t)
		passed = wait <= 0
		if !passed && (d.due.IsZero() || t.Before(d.due)) {
			d.arm(t, wait)
		}
	}
	d.mu.Unlock()
	if passed {
		d.wake()
	}
}

// arm makes the timer fire at t. The caller must hold mu.
func (d *deadline) arm(t time.Time, wait time.Duration) {
	d.due = t
	if d.timer == nil {
		d.timer = time.AfterFunc(wait, d.fire)
		return
	}
	d.timer.Reset(wait)
}

func (d *deadline) fire() {
	d.mu.Lock()
	d.due = time.Time{}
	passed := false
	if !d.at.IsZero() {
		wait := time.Until(d.at)
		passed = wait <= 0
		if !passed {
			d.arm(d.at, wait)
		}
	}
	d.mu.Unlock()
	if passed {
		d.wake()
	}
}

// exceeded reports whether the deadline has passed.
func (d *deadline) exceeded() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.at.IsZero() && time.Until(d.at) <= 0
}

// stop stops the timer.
func (d *deadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = time.Time{}
	if d.timer != nil {
		d.timer.Stop()
	}
}
