package webtorrent

import (
	"time"

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

// sendDue sends what is due at a connected tracker and returns when to call it again.
func (t *tracker) sendDue(p pacer) (time.Duration, error) {
	for {
		req, e, wait := t.nextRequest(time.Now(), p)
		switch {
		case req != nil:
			if err := t.send(*req); err != nil {
				return 0, err
			}
		case e != nil:
			if err := t.announce(e); err != nil {
				return 0, err
			}
		case wait < 0:
			return 0, errUnneeded
		default:
			return wait, nil
		}
	}
}

// nextRequest returns the next Stopped announce to send, the next entry to announce, or else how long nothing is due;
// less than zero means for ever.
func (t *tracker) nextRequest(now time.Time, p pacer) (*announceRequest, *entry, time.Duration) {
	c := t.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed && len(t.stoppedRequests) == 0 {
		return nil, nil, -1
	}
	wait := p.delay(now)
	if len(t.stoppedRequests) > 0 {
		if wait > 0 && !c.closed {
			return nil, nil, wait
		}
		req := t.stoppedRequests[0]
		t.stoppedRequests = t.stoppedRequests[1:]
		p.AllowN(now, 1)
		t.unusedSince = now
		return &req, nil, 0
	}
	if len(t.entries) == 0 {
		return nil, nil, c.times.linger - now.Sub(t.unusedSince)
	}
	t.unusedSince = now
	e := t.nextEntry(now)
	switch {
	case e == nil:
		return nil, nil, maxIdleWait
	case e.due.After(now):
		return nil, nil, e.due.Sub(now)
	case wait > 0:
		return nil, nil, wait
	}
	p.AllowN(now, 1)
	e.running = true
	return nil, e, 0
}

// nextEntry returns the entry to announce next: of those that are due the urgent ones first, then the longest due. The
// caller must hold Client.mu.
func (t *tracker) nextEntry(now time.Time) *entry {
	var best *entry
	for _, e := range t.entries {
		if e.running {
			continue
		}
		switch {
		case best == nil:
			best = e
		case !best.due.After(now) && !e.due.After(now) && best.urgent != e.urgent:
			if e.urgent {
				best = e
			}
		case e.due.Before(best.due):
			best = e
		}
	}
	return best
}

// announce announces a torrent. Creating offers takes time, so an announce with offers is sent by another goroutine.
func (t *tracker) announce(e *entry) error {
	c := t.client
	uploaded, downloaded, left := e.torrent.stats()
	want := e.torrent.want()
	c.mu.Lock()
	ev := e.event
	e.event, e.urgent, e.failure = update, want > 0, ""
	req := e.request(ev, uploaded, downloaded, left)
	e.complete = left == 0
	if ev == completed {
		want = 0
	}
	// A torrent gets at most half of the offers that are left, so that each of several gets some.
	want = min(want, maxOffersEach, c.cfg.MaxPeersEach-e.torrent.peers, (c.cfg.MaxOffers-len(c.links.offers)+1)/2)
	conn := t.conn
	c.mu.Unlock()
	if want <= 0 {
		return t.finishAnnounce(e, req)
	}
	c.wg.Go(func() {
		req.Offers = c.makeOffers(t, e.torrent, want)
		req.NumWant = len(req.Offers)
		if err := t.finishAnnounce(e, req); err != nil {
			_ = conn.CloseNow() // The tracker's goroutine notices.
		}
	})
	return nil
}

// finishAnnounce sends an announce unless the torrent is not announced there any more.
func (t *tracker) finishAnnounce(e *entry, req announceRequest) error {
	c := t.client
	c.mu.Lock()
	gone := e.removed
	if !gone {
		now := time.Now()
		e.announced, e.awaitingReply, e.peersFound = true, true, 0
		e.sent, e.due = now, now.Add(jitter(t.times().silentInterval))
		if e.event != update {
			e.due = now.Add(t.times().minGap)
		}
	}
	e.running = false
	c.mu.Unlock()
	if gone {
		return nil
	}
	err := t.send(req)
	t.notify()
	return err
}
