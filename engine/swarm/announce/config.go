package announce

import (
	"context"
	"log/slog"
	"net"
	"time"
)

// Limits and intervals.
const (
	minInterval     = time.Minute      // the minimum, whatever a tracker requests; see Config.MinInterval
	maxInterval     = time.Hour        // the maximum, whatever a tracker requests
	defaultInterval = 30 * time.Minute // if the tracker requests none
	noPeersInterval = 2 * time.Minute  // while a torrent is incomplete and has no peers
	retryFirst      = 15 * time.Second // after a failure; doubles up to retryMax
	retryMax        = 2 * time.Minute
	refusedMax      = 30 * time.Minute // while a torrent is refused; the interval doubles from retryFirst up to this
	invalidFirst    = 2 * time.Second  // after an invalid answer; doubles up to refusedMax
	maxRetryIn      = 24 * time.Hour   // after a refusal with a retry time (BEP 31)
	timeout         = 15 * time.Second // for one announce
	stopTimeout     = 3 * time.Second  // for Stopped
	maxPerTracker   = 4                // concurrent announces to one tracker
	maxRunning      = 32               // concurrent announces in all
	maxStopping     = 16               // concurrent announces to one tracker while the announcer is being closed
)

// Config holds the settings of an Announcer.
type Config struct {
	PeerID [20]byte
	// Port is the announced port.
	Port      uint16
	UserAgent string
	// MinInterval is the shortest time between two regular announces of a torrent to a trusted tracker; 0 means one
	// minute. Shorter intervals also shorten the other intervals of such a tracker. Other trackers are announced to at
	// most once a minute.
	MinInterval time.Duration
	// OnAnswer is called whenever a tracker has answered, even with a refusal; it must not block.
	OnAnswer func()
	// DialOwn connects to the tracker in this process; nil if there is none.
	DialOwn func(ctx context.Context) (net.Conn, error)
	Logger  *slog.Logger
}

// Tracker is one announce URL.
type Tracker struct {
	URL string
	// Trusted trackers were configured by the user and may have any address. Others are contacted at public addresses
	// only.
	Trusted bool
	// Own marks the tracker in this process. It is trusted, and reached with Config.DialOwn, without TLS whatever the
	// URL's scheme, which is http or https.
	Own bool
}

// waits holds the times between two announces of a torrent to one tracker.
type waits struct {
	least                time.Duration // whatever the tracker requests
	noPeers              time.Duration // while a torrent is incomplete and has no peers
	retryFirst, retryMax time.Duration // after a failure; doubles from one to the other
	refusedMax           time.Duration // after a refusal; doubles from retryFirst to this
}

// waitsAt returns the intervals for a tracker.
func (c Config) waitsAt(t Tracker) waits {
	w := waits{minInterval, noPeersInterval, retryFirst, retryMax, refusedMax}
	if d := c.MinInterval; t.Trusted && d > 0 {
		w = waits{d, min(2*d, w.noPeers), min(d/4, w.retryFirst), min(2*d, w.retryMax), min(30*d, w.refusedMax)}
	}
	return w
}
