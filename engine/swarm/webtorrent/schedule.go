package webtorrent

import (
	"time"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"
)

// pacer paces announces: a short burst, then one at a time.
type pacer struct{ *rate.Limiter }

func newPacer(pace time.Duration) pacer {
	return pacer{rate.NewLimiter(rate.Every(pace), 20)}
}

// delay returns how long the next announce has to wait.
func (p pacer) delay(now time.Time) time.Duration {
	missing := 1 - p.TokensAt(now)
	return time.Duration(max(0, missing) / float64(p.Limit()) * float64(time.Second))
}

// maxIdleWait is how long a tracker waits when nothing is due.
const maxIdleWait = time.Hour

// sendDue sends what is due over the current connection and returns when to call it again.
func (t *tracker) sendDue(conn *websocket.Conn, p pacer) (time.Duration, error) {
	for {
		now := time.Now()
		pause := p.delay(now)
		var stoppedRequest *announceRequest
		var e *entry
		var wait time.Duration
		t.update(func(s *state, ts *trackerState) { stoppedRequest, e, wait = s.nextRequest(ts, now, pause) })
		var err error
		switch {
		case stoppedRequest != nil:
			p.AllowN(now, 1)
			err = t.send(func() any { return *stoppedRequest })
		case e != nil:
			p.AllowN(now, 1)
			err = t.announce(conn, e)
		case wait < 0:
			return 0, errUnneeded
		default:
			return wait, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// announce announces a torrent. Creating offers takes time, so an announce with offers is sent by another goroutine.
func (t *tracker) announce(conn *websocket.Conn, e *entry) error {
	c := t.client
	uploaded, downloaded, left := e.torrent.stats()
	want := e.torrent.want()
	var req announceRequest
	var offers int
	var local bool
	c.update(func(s *state) {
		req = e.prepareAnnounce(want > 0, uploaded, downloaded, left)
		offers, local = s.maxOffers(e, want), e.tracker.remoteAddr.IsLoopback()
	})
	if offers <= 0 || req.Event == completed {
		return t.sendAnnounce(e, req)
	}
	c.wg.Go(func() {
		req.Offers = c.makeOffers(e, offers, local)
		req.NumWant = len(req.Offers)
		if err := t.sendAnnounce(e, req); err != nil {
			_ = conn.CloseNow() // The tracker's goroutine notices.
		}
	})
	return nil
}

// sendAnnounce sends an announce unless the torrent is not announced there any more. It counts as announced from the
// moment when the message is next to be sent, so that the tracker receives a Stopped after it.
func (t *tracker) sendAnnounce(e *entry, req announceRequest) error {
	defer t.notify()
	return t.send(func() any {
		announced := false
		t.client.update(func(*state) { announced = e.markAnnounced(time.Now()) })
		if !announced {
			return nil
		}
		return req
	})
}
