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

// Status says how it goes with a tracker.
type Status string

// A tracker's statuses.
const (
	Idle       Status = "idle" // not asked yet
	Announcing Status = "announcing"
	Working    Status = "working"
	Failing    Status = "failing"
)

// State is what is known of a tracker of a torrent.
type State struct {
	URL    string
	Status Status
	// Seeds and Leechers are the tracker's counts, -1 when it did not say.
	Seeds, Leechers int
	// Peers is how many peers its last answer named.
	Peers int
	// Last is when it was last asked, Next when it will be.
	Last, Next time.Time
	// Err is why the last announce failed or was refused: foreign text, not clean.
	Err error
	// Warning is what the tracker's last answer said beside the peers (BEP 3): foreign text, not clean.
	Warning string
}

// event is what an announce tells of (BEP 3).
type event string

const (
	none      event = ""
	started   event = "started"
	completed event = "completed"
	stopped   event = "stopped"
)

// request is what a tracker is told, whatever the protocol.
type request struct {
	infohash [20]byte
	event    event
	Counters
	want      int
	trackerID string // that the tracker gave; "" for none
}

// response is what a tracker answers, whatever the protocol.
type response struct {
	interval, minInterval time.Duration
	seeds, leechers       int
	peers                 []netip.AddrPort // that it named at from
	names                 []string         // of peers that it gave names instead of addresses; a host and a port each
	from                  netip.Addr       // where the tracker is
	other                 *response        // of its address of the other family, if it has one and answered there too
	trackerID             string           // to be sent with the next announces (BEP 3); "" for none
	warning               text
}

// entry is one torrent at one tracker.
type entry struct {
	torrent Torrent
	tracker *tracker
	event   event // what to tell next
	known   bool  // the tracker has heard of the torrent and not of its end
	running bool
	waiting bool // it is due, and waits for others to end
	gone    bool // nothing is to be told any more
	again   bool // to be told again as soon as the announce that is running has ended
	state   State
	// failures is how many its tracker had when the last announce began.
	failures int
	// refusals counts the refusals of this torrent in a row, and the answers that were not a tracker's.
	refusals  int
	trackerID string // that the tracker gave last
	// after is an earlier life of the same torrent that is telling Stopped; this one waits for it.
	after *entry

	when   time.Time
	queued bool
	index  int
}

// newRequest reads the counters when the announce begins. A seed is found by others, but where nobody can connect to it
// it has to do that itself; so it asks for a few.
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

// errSilent is what a person is told of a tracker that let its time pass.
var errSilent = errors.New("announce: no answer")

func (a *Announcer) announce(ctx context.Context, t *tracker, r request) (response, error) {
	resp, err := a.ask(ctx, t, r)
	if refused := refusalIn(err); refused != nil {
		return resp, refused // whatever the tracker's other address does
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errSilent
	}
	return resp, err
}

func (a *Announcer) ask(ctx context.Context, t *tracker, r request) (response, error) {
	u, err := url.Parse(t.URL)
	if err != nil {
		return response{}, fmt.Errorf("announce: %w", err)
	}
	if u.Scheme == "udp" {
		return t.udp.announce(ctx, a.cfg, u, t.Trusted, r)
	}
	return a.http.announce(ctx, a.cfg, u, t.Tracker, r)
}

// finish notes what came of an announce and plans the next one.
func (a *Announcer) finish(e *entry, req request, resp response, err error) {
	now := time.Now()
	refused := refusalIn(err)
	heard := err == nil || refused != nil
	aboutTorrent := heard || errors.Is(err, errGarbled)
	if heard && !e.tracker.Own { // which says nothing of the network
		a.cfg.Answered()
	}
	for r := &resp; r != nil && req.event != stopped; r = r.other {
		if len(r.peers) > 0 {
			e.torrent.Found(r.from, r.peers)
		}
		if len(r.names) > 0 {
			a.wg.Go(func() { e.torrent.Named(a.ctx, r.from, r.names) })
		}
	}
	if err == nil {
		e.count(req, resp)
	}
	lonely := e.torrent.Lonely()
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
		e.tracker.failed(e.failures, now)
	}
	if err == nil {
		a.answered(e, req, resp)
	} else {
		a.notAnnounced(e, req)
	}
	switch {
	case e.gone:
	case req.event == stopped, e.event == stopped && !e.known:
		a.drop(e)
	case e.event == stopped, heard && e.again, err == nil && e.event != none:
		e.again = false
		a.schedule(e, now)
	case err != nil && aboutTorrent:
		a.backOff(e, refused, now)
	case err != nil:
		a.schedule(e, e.tracker.afterRetry())
	default:
		a.schedule(e, now.Add(resp.next(e.tracker.waits, lonely)))
	}
}

// count tells how many others seed the torrent. Trackers take a client in before they count, so that one that has told
// that it has everything is among the seeds. Some leave out who is just coming: they count one more the next time.
func (e *entry) count(req request, resp response) {
	if req.event == stopped || resp.seeds < 0 || e.torrent.Counted == nil {
		return
	}
	seeds := resp.seeds
	if req.Left == 0 {
		seeds--
	}
	e.torrent.Counted(e.tracker.URL, max(seeds, 0))
}

// answered notes what a tracker says of a torrent that it serves.
func (a *Announcer) answered(e *entry, req request, resp response) {
	e.refusals = 0
	e.state.Status = Working
	e.state.Seeds, e.state.Leechers, e.state.Peers = resp.seeds, resp.leechers, len(resp.peers)+len(resp.names)
	if resp.other != nil {
		e.state.Peers += len(resp.other.peers)
	}
	e.state.Warning = string(resp.warning)
	e.known = req.event != stopped
	if e.event == req.event {
		e.event = none
	}
	if resp.trackerID != "" {
		e.trackerID = resp.trackerID
	}
}

// notAnnounced notes that a tracker refused a torrent or did not answer.
func (a *Announcer) notAnnounced(e *entry, req request) {
	e.state.Status, e.state.Warning = Failing, ""
	a.cfg.Logger.Debug("announce failed", "tracker", e.tracker.URL, "event", string(req.event), "err", e.state.Err)
}

// failed makes all torrents wait for a tracker that does not answer, so that a dead one costs little however many
// torrents there are. The announce that failed began when there were known failures: those that fail at the same time
// are one failure.
func (t *tracker) failed(known int, now time.Time) {
	if t.failures <= known {
		t.failures++
	}
	wait := min(t.waits.retryMax, t.waits.retryFirst<<min(t.failures-1, 8))
	t.retry = now.Add(wait)
}

// afterRetry is a moment at which the tracker may be asked again; all who wait for it do not come at once.
func (t *tracker) afterRetry() time.Time {
	return t.retry.Add(rand.N(min(time.Second, t.waits.retryFirst)))
}

// next is when to announce again, from now.
func (r response) next(w waits, lonely bool) time.Duration {
	d := r.interval
	if d <= 0 {
		d = defaultInterval
	}
	if lonely {
		d = min(d, max(r.minInterval, w.lonely))
	}
	return min(max(d, w.least, r.minInterval), max(maxInterval, w.least))
}

// queue orders entries by when they are due.
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
