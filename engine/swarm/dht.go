package swarm

import (
	"context"
	"sync"
	"time"

	"github.com/anacrolix/dht/v2"
)

// The DHT forgets a peer after about half an hour (BEP 5).
const (
	dhtInterval = 20 * time.Minute
	dhtRetry    = time.Minute
	dhtTimeout  = 45 * time.Second
	dhtParallel = 6
)

// dhtAnnouncer announces torrents to the DHT, a few at a time: a thousand of them take longer than their interval, and
// somebody waits for what was added last.
type dhtAnnouncer struct {
	nodes *dhtNodes
	wake  chan struct{}

	mu      sync.Mutex
	due     map[*discovery]dhtTurn
	asked   uint64
	running map[*discovery]context.CancelFunc
}

// dhtTurn is when a torrent is to be announced. Those that were asked for, at the zero time, are numbered.
type dhtTurn struct {
	at    time.Time
	asked uint64
}

// before says which turn comes first: those that were asked for, the last one before the others, and then the longest
// due.
func (t dhtTurn) before(other dhtTurn) bool {
	if t.at.IsZero() && other.at.IsZero() {
		return t.asked > other.asked
	}
	return t.at.Before(other.at)
}

func newDHTAnnouncer(nodes *dhtNodes) *dhtAnnouncer {
	return &dhtAnnouncer{
		nodes: nodes, wake: make(chan struct{}, 1),
		due: make(map[*discovery]dhtTurn), running: make(map[*discovery]context.CancelFunc),
	}
}

// add announces a torrent now, or again right after the announce that is under way, and then every dhtInterval.
func (a *dhtAnnouncer) add(d *discovery) {
	a.mu.Lock()
	a.asked++
	a.due[d] = dhtTurn{asked: a.asked}
	a.mu.Unlock()
	a.nudge()
}

func (a *dhtAnnouncer) remove(d *discovery) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.due, d)
	if cancel := a.running[d]; cancel != nil {
		cancel()
	}
}

func (a *dhtAnnouncer) nudge() {
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

// startDue starts what is due as far as dhtParallel allows, and gives the time until it has to look again.
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
		a.due[d] = dhtTurn{at: now.Add(dhtInterval)}
		wg.Go(func() { a.finish(d, cancel, a.announce(ctx, d)) })
	}
	return time.Hour // unless one ends before
}

// next gives the torrent whose turn comes next, and in how long that is: an hour at most, also when there is none.
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
	if turn, wanted := a.due[d]; wanted && !turn.at.IsZero() && !worked {
		a.due[d] = dhtTurn{at: time.Now().Add(dhtRetry)}
	}
	a.mu.Unlock()
	a.nudge()
}

// announce tells the IPv4 and IPv6 networks of a torrent, and takes the peers that they name.
func (a *dhtAnnouncer) announce(ctx context.Context, d *discovery) (worked bool) {
	port := dht.AnnouncePeer(dht.AnnouncePeerOpts{Port: a.nodes.port, ImpliedPort: true})
	var nodes sync.WaitGroup
	d.finds.announcing()
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
				d.finds.ask(n - counted)
				counted = n
			}
			for v := range asking.Peers { // It is closed when the announce has ended.
				count()
				d.foundInDHT(v)
			}
			count()
			asking.Close()
		})
	}
	nodes.Wait()
	return a.nodes.good() > 0
}
