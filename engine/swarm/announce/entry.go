package announce

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"time"
)

// Status is the status of a tracker.
type Status string

// The values of Status.
const (
	Idle       Status = "idle" // no announce yet
	Announcing Status = "announcing"
	Working    Status = "working"
	Failing    Status = "failing"
)

// State is the state of one tracker of a torrent.
type State struct {
	URL    string
	Status Status
	// Seeds and Leechers are the tracker's counts, -1 if unknown.
	Seeds, Leechers int
	// Peers is the number of peers in its last answer.
	Peers int
	// Last is when it was last announced to, Next when it will be.
	Last, Next time.Time
	// Err is why the last announce failed or was refused: foreign text, not clean.
	Err error
	// Warning is the warning in the tracker's last answer (BEP 3): foreign text, not clean.
	Warning string
}

// event is the event of an announce (BEP 3).
type event string

const (
	none      event = ""
	started   event = "started"
	completed event = "completed"
	stopped   event = "stopped"
)

// request is an announce, whatever the protocol.
type request struct {
	infohash [20]byte
	event    event
	Counters
	want      int
	trackerID string // from the tracker's last answer; "" for none
}

// response is a tracker's answer, whatever the protocol.
type response struct {
	interval, minInterval time.Duration
	seeds, leechers       int
	peers                 []netip.AddrPort // returned by the tracker at from
	names                 []string         // peers as host:port with a DNS name
	from                  netip.Addr       // the tracker's address
	other                 *response        // the answer of its address of the other family, if any
	trackerID             string           // to be sent with the next announces (BEP 3); "" for none
	warning               text
}

// entry is one torrent at one tracker.
type entry struct {
	torrent       Torrent
	tracker       *tracker
	event         event // of the next announce
	announced     bool  // the tracker knows the torrent: it was announced and not stopped
	running       bool
	waiting       bool // due, and waiting for others to end
	removed       bool // nothing is announced any more
	announceAgain bool // announce again as soon as the running announce has ended
	state         State
	// failures is how many failures its tracker had when the last announce began.
	failures int
	// refusals counts the refusals of this torrent, and the invalid answers, in a row.
	refusals  int
	trackerID string // from the tracker's last answer
	// waitFor is an earlier entry of the same torrent that is announcing Stopped; this one waits for it.
	waitFor *entry

	when   time.Time
	queued bool
	index  int
}

// newRequest returns a request with the current counters. A seed is found by others, but if nobody can connect to it,
// it must connect itself; so it asks for a few peers.
func newRequest(t Torrent, ev event) request {
	r := request{infohash: t.Infohash, event: ev, Counters: t.Counters(), want: 100}
	switch {
	case ev == stopped:
		r.want = 0
	case r.Left == 0:
		r.want = 30
	}
	return r
}

// errNoAnswer is the error of a request that has timed out.
var errNoAnswer = errors.New("announce: no answer")

func (a *Announcer) announce(ctx context.Context, t *tracker, r request) (response, error) {
	resp, err := a.send(ctx, t, r)
	if refused := asRefusal(err); refused != nil {
		return resp, refused // whatever the tracker's other address answers
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errNoAnswer
	}
	return resp, err
}

func (a *Announcer) send(ctx context.Context, t *tracker, r request) (response, error) {
	u, err := url.Parse(t.URL)
	if err != nil {
		return response{}, fmt.Errorf("announce: %w", err)
	}
	if u.Scheme == "udp" {
		return t.udp.announce(ctx, a.cfg, u, t.Trusted, r)
	}
	return a.http.announce(ctx, a.cfg, u, t.Tracker, r)
}

// finish handles the result of an announce and schedules the next one.
func (a *Announcer) finish(e *entry, req request, resp response, err error) {
	now := time.Now()
	refused := asRefusal(err)
	heard := err == nil || refused != nil
	aboutTorrent := heard || errors.Is(err, errInvalidAnswer)
	if heard && !e.tracker.Own { // It says nothing about the network.
		a.cfg.OnAnswer()
	}
	for r := &resp; r != nil && req.event != stopped; r = r.other {
		if len(r.peers) > 0 {
			e.torrent.AddPeers(r.from, r.peers)
		}
		if len(r.names) > 0 {
			a.wg.Go(func() { e.torrent.AddNamedPeers(a.ctx, r.from, r.names) })
		}
	}
	if err == nil {
		e.reportSeeds(req, resp)
	}
	needsPeers := e.torrent.NeedsPeers()
	a.mu.Lock()
	defer a.mu.Unlock()
	defer a.wake.notify()
	a.running--
	e.running = false
	e.tracker.active--
	e.state.Last, e.state.Err = now, err
	if heard {
		e.tracker.failures, e.tracker.retry = 0, time.Time{}
	} else if !aboutTorrent && req.event != stopped {
		e.tracker.recordFailure(e.failures, now)
	}
	if err == nil {
		a.handleAnswer(e, req, resp)
	} else {
		a.handleFailure(e, req)
	}
	switch {
	case e.removed:
	case req.event == stopped, e.event == stopped && !e.announced:
		a.removeEntry(e)
	case e.event == stopped, heard && e.announceAgain, err == nil && e.event != none:
		e.announceAgain = false
		a.schedule(e, now)
	case err != nil && aboutTorrent:
		a.backOff(e, refused, now)
	case err != nil:
		a.schedule(e, e.tracker.afterRetry())
	default:
		a.schedule(e, now.Add(resp.next(e.tracker.waits, needsPeers)))
	}
}

// reportSeeds reports how many others seed the torrent. Trackers add a client before they count, so a client that has
// announced that it is complete is among the seeds. Some omit a client that has just joined: they count one more the
// next time.
func (e *entry) reportSeeds(req request, resp response) {
	if req.event == stopped || resp.seeds < 0 || e.torrent.Counted == nil {
		return
	}
	seeds := resp.seeds
	if req.Left == 0 {
		seeds--
	}
	e.torrent.Counted(e.tracker.URL, max(seeds, 0))
}

// handleAnswer records a tracker's answer.
func (a *Announcer) handleAnswer(e *entry, req request, resp response) {
	e.refusals = 0
	e.state.Status = Working
	e.state.Seeds, e.state.Leechers, e.state.Peers = resp.seeds, resp.leechers, len(resp.peers)+len(resp.names)
	if resp.other != nil {
		e.state.Peers += len(resp.other.peers)
	}
	e.state.Warning = string(resp.warning)
	e.announced = req.event != stopped
	if e.event == req.event {
		e.event = none
	}
	if resp.trackerID != "" {
		e.trackerID = resp.trackerID
	}
}

// handleFailure records that a tracker has refused a torrent or did not answer.
func (a *Announcer) handleFailure(e *entry, req request) {
	e.state.Status, e.state.Warning = Failing, ""
	a.cfg.Logger.Debug("announce failed", "tracker", e.tracker.URL, "event", string(req.event), "err", e.state.Err)
}

// recordFailure makes all torrents wait for a tracker that does not answer, so that a dead one costs little however
// many torrents there are. before is the number of failures when the failed announce began: announces that fail at the
// same time are one failure.
func (t *tracker) recordFailure(before int, now time.Time) {
	if t.failures <= before {
		t.failures++
	}
	wait := min(t.waits.retryMax, t.waits.retryFirst<<min(t.failures-1, 8))
	t.retry = now.Add(wait)
}

// afterRetry returns when the tracker may be announced to again, randomized so that not all torrents do so at once.
func (t *tracker) afterRetry() time.Time {
	return t.retry.Add(rand.N(min(time.Second, t.waits.retryFirst)))
}

// next returns the time until the next announce.
func (r response) next(w waits, needsPeers bool) time.Duration {
	d := r.interval
	if d <= 0 {
		d = defaultInterval
	}
	if needsPeers {
		d = min(d, max(r.minInterval, w.noPeers))
	}
	return min(max(d, w.least, r.minInterval), max(maxInterval, w.least))
}

// queue is a heap of entries by when they are due.
type queue []*entry

var _ heap.Interface = (*queue)(nil)

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].when.Before(q[j].when) }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push implements heap.Interface.
func (q *queue) Push(x any) {
	e := x.(*entry)
	e.queued, e.index = true, len(*q)
	*q = append(*q, e)
}

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	e.queued = false
	return e
}
