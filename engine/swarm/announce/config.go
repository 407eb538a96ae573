package announce

import (
	"context"
	"log/slog"
	"net"
	"time"
)

// Limits that keep a client polite and a hostile tracker harmless.
const (
	minInterval     = time.Minute      // a tracker cannot make us announce more often; see Config.MinInterval
	maxInterval     = time.Hour        // nor make us forget it
	defaultInterval = 30 * time.Minute // when it does not say
	lonelyInterval  = 2 * time.Minute  // while a torrent that is not complete has no peers
	retryFirst      = 15 * time.Second // after a failure; doubles up to retryMax
	retryMax        = 2 * time.Minute
	refusedMax      = 30 * time.Minute // while a torrent is refused; the wait doubles from retryFirst up to this
	garbledFirst    = 2 * time.Second  // after an answer that is not a tracker's; doubles up to refusedMax
	maxRetryIn      = 24 * time.Hour   // after a refusal, when the tracker says how long to wait (BEP 31)
	timeout         = 15 * time.Second // for one announce
	stopTimeout     = 3 * time.Second  // for Stopped
	perTracker      = 4                // announces at the same time to one tracker
	inAll           = 32               // and to all of them
	stopping        = 16               // and to one tracker while the announcer closes
)

// Config says who announces.
type Config struct {
	PeerID [20]byte
	// Port is the port that peers are to be told.
	Port      uint16
	UserAgent string
	// MinInterval is the shortest time between two regular announces of a torrent to a trusted tracker; 0 means one minute.
	// With less, the other waits at such a tracker are shorter too. Other trackers are not announced to more often than once
	// a minute.
	MinInterval time.Duration
	// Answered is called whenever a tracker has answered, if only to refuse a torrent; it must not block.
	Answered func()
	// DialOwn connects to the tracker in this process; nil if there is none.
	DialOwn func(ctx context.Context) (net.Conn, error)
	Logger  *slog.Logger
}

// Tracker is one announce URL.
type Tracker struct {
	URL string
	// Trusted trackers were configured by a person and may be anywhere. Others are reached at public addresses only.
	Trusted bool
	// Own is the tracker in this process. It is trusted, and reached with Config.DialOwn, without TLS whatever the URL's
	// scheme, which is http or https.
	Own bool
}

// waits are the times between two announces of a torrent to one tracker.
type waits struct {
	least                time.Duration // whatever the tracker says
	lonely               time.Duration // while a torrent that is not complete has no peers
	retryFirst, retryMax time.Duration // after a failure; doubles from one to the other
	refusedMax           time.Duration // after a refusal; doubles from retryFirst to this
}

// waitsAt returns the times for a tracker.
func (c Config) waitsAt(t Tracker) waits {
	w := waits{minInterval, lonelyInterval, retryFirst, retryMax, refusedMax}
	if d := c.MinInterval; t.Trusted && d > 0 {
		w = waits{d, min(2*d, w.lonely), min(d/4, w.retryFirst), min(2*d, w.retryMax), min(30*d, w.refusedMax)}
	}
	return w
}
