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
	d.mu.Unlock()
	d.check()
}

// check wakes the blocked call if the deadline has passed. Otherwise the timer fires at the deadline or earlier.
func (d *deadline) check() {
	d.mu.Lock()
	wait := time.Until(d.at)
	isSet, passed := !d.at.IsZero(), wait <= 0
	if isSet && !passed && (d.due.IsZero() || d.at.Before(d.due)) {
		d.due = d.at
		if d.timer == nil {
			d.timer = time.AfterFunc(wait, d.fire)
		} else {
			d.timer.Reset(wait)
		}
	}
	d.mu.Unlock()
	if isSet && passed {
		d.wake()
	}
}

// fire is called by the timer.
func (d *deadline) fire() {
	d.mu.Lock()
	d.due = time.Time{}
	d.mu.Unlock()
	d.check()
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
