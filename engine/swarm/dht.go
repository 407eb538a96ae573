package swarm

import (
	"context"
	"sync"
	"time"

	"github.com/anacrolix/dht/v2"
)

// Intervals and limits of DHT announces. The DHT forgets a peer after about half an hour (BEP 5).
const (
	dhtInterval   = 20 * time.Minute
	dhtRetryDelay = time.Minute
	dhtTimeout    = 45 * time.Second
	dhtParallel   = 6
)

// dhtAnnouncer announces torrents to the DHT, a few at a time. Announcing a thousand torrents takes longer than
// dhtInterval, so torrents that were requested last come first: somebody is waiting for them.
type dhtAnnouncer struct {
	nodes *dhtNodes
	wake  chan struct{}

	mu       sync.Mutex
	due      map[*discovery]dhtDue
	requests uint64
	running  map[*discovery]context.CancelFunc
}

// dhtDue is when a torrent is to be announced. Requested announces have the zero time, and a number that increases.
type dhtDue struct {
	at      time.Time
	request uint64
}

// before reports whether d comes before other: requested announces first, the latest of them before the others, then
// those that are due longest.
func (t dhtDue) before(other dhtDue) bool {
	if t.at.IsZero() && other.at.IsZero() {
		return t.request > other.request
	}
	return t.at.Before(other.at)
}

func newDHTAnnouncer(nodes *dhtNodes) *dhtAnnouncer {
	return &dhtAnnouncer{
		nodes: nodes, wake: make(chan struct{}, 1),
		due: make(map[*discovery]dhtDue), running: make(map[*discovery]context.CancelFunc),
	}
}

// add announces a torrent now, or right after its running announce, and then every dhtInterval.
func (a *dhtAnnouncer) add(d *discovery) {
	a.mu.Lock()
	a.requests++
	a.due[d] = dhtDue{request: a.requests}
	a.mu.Unlock()
	a.notify()
}

func (a *dhtAnnouncer) remove(d *discovery) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.due, d)
	if cancel := a.running[d]; cancel != nil {
		cancel()
	}
}

func (a *dhtAnnouncer) notify() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

func (a *dhtAnnouncer) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(a.startDue(ctx, &wg))
		select {
		case <-ctx.Done():
			return
		case <-a.wake:
		case <-timer.C:
		}
	}
}

// startDue starts the announces that are due, up to dhtParallel, and returns the time until it must be called again.
func (a *dhtAnnouncer) startDue(ctx context.Context, wg *sync.WaitGroup) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.running) < dhtParallel {
		now := time.Now()
		d, wait := a.next(now)
		if wait > 0 {
			return wait
		}
		ctx, cancel := context.WithTimeout(ctx, dhtTimeout)
		a.running[d] = cancel
		a.due[d] = dhtDue{at: now.Add(dhtInterval)}
		wg.Go(func() { a.finish(d, cancel, a.announce(ctx, d)) })
	}
	return time.Hour // or when an announce ends
}

// next returns the torrent that is to be announced next, and how long to wait for it: at most an hour, also if there
// is none.
func (a *dhtAnnouncer) next(now time.Time) (first *discovery, wait time.Duration) {
	for d, turn := range a.due {
		if a.running[d] == nil && (first == nil || turn.before(a.due[first])) {
			first = d
		}
	}
	if first == nil {
		return nil, time.Hour
	}
	return first, min(max(0, a.due[first].at.Sub(now)), time.Hour)
}

func (a *dhtAnnouncer) finish(d *discovery, cancel context.CancelFunc, worked bool) {
	cancel()
	a.mu.Lock()
	delete(a.running, d)
	if turn, queued := a.due[d]; queued && !turn.at.IsZero() && !worked {
		a.due[d] = dhtDue{at: time.Now().Add(dhtRetryDelay)}
	}
	a.mu.Unlock()
	a.notify()
}

// announce announces a torrent to the IPv4 and IPv6 networks, and adds the peers that the nodes return.
func (a *dhtAnnouncer) announce(ctx context.Context, d *discovery) (worked bool) {
	port := dht.AnnouncePeer(dht.AnnouncePeerOpts{Port: a.nodes.port, ImpliedPort: true})
	var nodes sync.WaitGroup
	d.stats.startDHTAnnounce()
	for _, node := range a.nodes.servers {
		asking, err := node.AnnounceTraversal(d.hash, port)
		if err != nil {
			continue
		}
		stop := context.AfterFunc(ctx, asking.Close)
		nodes.Go(func() {
			defer stop()
			counted := 0
			count := func() {
				n := int(asking.NumContacted())
				d.stats.addDHTNodes(n - counted)
				counted = n
			}
			for v := range asking.Peers { // closed when the announce has ended
				count()
				d.addDHTPeers(v)
			}
			count()
			asking.Close()
		})
	}
	nodes.Wait()
	return a.nodes.countGood() > 0
}
