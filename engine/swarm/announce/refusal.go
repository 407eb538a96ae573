package announce

import (
	"errors"
	"time"
)

// refusal is a tracker's answer that it does not serve a torrent: a failure reason over HTTP (BEP 3), an error over UDP
// (BEP 15). It is about that torrent alone: the tracker works, and may serve all others.
type refusal struct {
	reason text
	retry  retryIn
}

func (r *refusal) Error() string { return "announce: the tracker says: " + string(r.reason) }

// refusalIn returns the refusal that err is or wraps, or nil if there is none.
func refusalIn(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// errGarbled means that what came is not a tracker's answer. Like a refusal it is about one torrent alone, since another
// may be served. A tracker that has just been started, or stands behind something that has, is asked again soon.
var errGarbled = errors.New("announce: the answer is not a tracker's")

// backOff plans the next announce of a torrent that the tracker has just refused, or answered with garbage.
func (a *Announcer) backOff(e *entry, r *refusal, now time.Time) {
	e.refusals++
	switch {
	case r == nil:
		a.schedule(e, now.Add(e.tracker.waits.garbled(e.refusals)))
	case r.retry.never:
		e.when = time.Time{} // until somebody asks for it, see Now
	case r.retry.wait > 0:
		a.schedule(e, now.Add(r.retry.wait))
	default:
		a.schedule(e, now.Add(e.tracker.waits.refused(e.refusals)))
	}
}

// refused returns the time to the next announce of a torrent that the tracker has refused so many times in a row.
func (w waits) refused(times int) time.Duration {
	return min(w.refusedMax, w.retryFirst<<min(times-1, 16))
}

// garbled is refused for answers that are not a tracker's.
func (w waits) garbled(times int) time.Duration {
	return min(w.refusedMax, min(w.retryFirst, garbledFirst)<<min(times-1, 16))
}
