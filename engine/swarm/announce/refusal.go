package announce

import (
	"errors"
	"time"
)

// refusal is a tracker's answer that it does not serve a torrent: a failure reason over HTTP (BEP 3), an error over
// UDP (BEP 15). It concerns that torrent alone: the tracker works, and may serve others.
type refusal struct {
	reason text
	retry  retryIn
}

func (r *refusal) Error() string { return "announce: the tracker says: " + string(r.reason) }

// asRefusal returns the refusal that err is or wraps, nil if there is none.
func asRefusal(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// errInvalidAnswer is the error for an answer that is not a tracker's. Like a refusal it concerns one torrent alone,
// since another may be served. A tracker that has just been started, or is behind a proxy that has, is tried again
// soon.
var errInvalidAnswer = errors.New("announce: the answer is not a tracker's")

// backOff schedules the next announce of a torrent after a refusal or an invalid answer.
func (a *Announcer) backOff(e *entry, r *refusal, now time.Time) {
	e.refusals++
	switch {
	case r == nil:
		a.schedule(e, now.Add(e.tracker.waits.invalid(e.refusals)))
	case r.retry.never:
		e.when = time.Time{} // until Now is called
	case r.retry.wait > 0:
		a.schedule(e, now.Add(r.retry.wait))
	default:
		a.schedule(e, now.Add(e.tracker.waits.refused(e.refusals)))
	}
}

// refused returns the time to the next announce after a number of refusals in a row.
func (w waits) refused(times int) time.Duration {
	return min(w.refusedMax, w.retryFirst<<min(times-1, 16))
}

// invalid returns the time to the next announce after a number of invalid answers in a row.
func (w waits) invalid(times int) time.Duration {
	return min(w.refusedMax, min(w.retryFirst, invalidFirst)<<min(times-1, 16))
}
