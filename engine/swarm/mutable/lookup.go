package mutable

import (
	"bytes"
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

const (
	// maxParallel is how many nodes are queried at the same time; late ones do not count.
	maxParallel = 8
	// lateTimeout is when a node counts as late: others are queried in its place, but it may still reply.
	lateTimeout = 300 * time.Millisecond
	// queryTimeout is the timeout of a query.
	queryTimeout = 2500 * time.Millisecond
	// maxQueries limits how many nodes are queried: malicious nodes return others that are always nearer.
	maxQueries = 100
	// nearest is how many nodes store an item, and are returned in a reply (BEP 5).
	nearest = 8
)

// Network queries nodes of the DHT. Its methods are called from many goroutines and end when their context does.
type Network interface {
	// Get queries a node for the item at a target.
	Get(ctx context.Context, node netip.AddrPort, target ID) (Reply, error)
	// FindNode queries a node for the nodes nearest to a target (BEP 5).
	FindNode(ctx context.Context, node netip.AddrPort, target ID) ([]Node, error)
	// Put asks a node to store an item; the token is from its Reply.
	Put(ctx context.Context, node netip.AddrPort, token string, item pkarr.Item) error
}

// ID is the position of a node, or of an item, in the DHT (BEP 5).
type ID [20]byte

// Node is a node of the DHT. A bootstrap node may have no ID yet.
type Node struct {
	ID   ID
	Addr netip.AddrPort
}

// Reply is a node's reply. It has not been validated.
type Reply struct {
	ID    ID
	Nodes []Node
	Token string
	// Item is its item; zero if it has none. Its Key need not be set.
	Item pkarr.Item
}

// Lookup looks up the item of a key.
type Lookup struct {
	Network Network
	Key     engine.PublicKey
	// Start holds the nodes to start with: the nearest known ones, or bootstrap nodes.
	Start []Node
	// Limiter limits the rate of queries; nil for no limit.
	Limiter *rate.Limiter
	// Found is called with each valid item that is newer than those before; it may be nil.
	Found func(pkarr.Item)

	newest  pkarr.Item
	known   candidates
	results chan answer
	queries sync.WaitGroup
	// active counts the queried nodes that are not late, waiting all queried ones, naming those queried for nodes, and
	// count all queries so far.
	active, waiting, naming, count int
	// withoutNodes holds nodes whose reply contained no nodes, as some do that have the item.
	withoutNodes []*candidate
	result       pkarr.Lookup
}

// answer is the result of a query; onlyNodes reports that it was a FindNode.
type answer struct {
	from      *candidate
	reply     Reply
	err       error
	onlyNodes bool
}

// Run queries nodes until the nearest ones that reply are known, or ctx ends. All its goroutines have ended when it
// returns.
func (l *Lookup) Run(ctx context.Context) pkarr.Lookup {
	ctx, cancel := context.WithCancel(ctx)
	defer l.queries.Wait()
	defer cancel()
	l.known = newCandidates(pkarr.Target(l.Key))
	l.results = make(chan answer)
	for _, n := range l.Start {
		l.known.add(n)
	}
	tick := time.NewTicker(lateTimeout / 10)
	defer tick.Stop()
	for l.queryNext(ctx) {
		select {
		case a := <-l.results:
			l.handleResult(a)
		case now := <-tick.C:
			l.markLate(now)
		case <-ctx.Done():
			return l.summary()
		}
	}
	return l.summary()
}

// queryNext queries the next nodes, as far as the limits allow. It reports whether there is anything to wait for: late
// nodes are waited for only if they would be among the nearest.
func (l *Lookup) queryNext(ctx context.Context) bool {
	for l.active < maxParallel && l.count < maxQueries && ctx.Err() == nil {
		c := l.known.next()
		if c == nil && len(l.withoutNodes) == 0 {
			break
		}
		if l.Limiter != nil && !l.Limiter.Allow() {
			return true // The next tick tries again.
		}
		if l.count++; len(l.withoutNodes) > 0 {
			l.queryNodes(ctx)
		} else {
			l.queryItem(ctx, c)
		}
	}
	return l.active > 0 || l.naming > 0 || l.waiting > 0 && l.known.hasLateNear()
}

func (l *Lookup) queryItem(ctx context.Context, c *candidate) {
	l.known.markQueried(c)
	l.active++
	l.waiting++
	l.startQuery(ctx, func(ctx context.Context) answer {
		reply, err := l.Network.Get(ctx, c.Addr, l.known.target)
		return answer{from: c, reply: reply, err: err}
	})
}

// queryNodes queries a node for others whose reply contained none.
func (l *Lookup) queryNodes(ctx context.Context) {
	c := l.withoutNodes[0]
	l.withoutNodes = l.withoutNodes[1:]
	l.naming++
	l.startQuery(ctx, func(ctx context.Context) answer {
		nodes, err := l.Network.FindNode(ctx, c.Addr, l.known.target)
		return answer{from: c, reply: Reply{Nodes: nodes}, err: err, onlyNodes: true}
	})
}

// startQuery runs a query in the background and sends its result, unless ctx ends.
func (l *Lookup) startQuery(ctx context.Context, ask func(context.Context) answer) {
	l.queries.Go(func() {
		patience, cancel := context.WithTimeout(ctx, queryTimeout)
		defer cancel()
		a := ask(patience)
		select {
		case l.results <- a:
		case <-ctx.Done():
		}
	})
}

// wait waits for the limiter, or until ctx ends.
func wait(ctx context.Context, turns *rate.Limiter) error {
	if turns == nil {
		return ctx.Err()
	}
	return turns.Wait(ctx)
}

func (l *Lookup) markLate(now time.Time) {
	for _, c := range l.known.all {
		if c.state == queried && now.Sub(c.queriedAt) >= lateTimeout {
			c.state = late
			l.active--
		}
	}
}

func (l *Lookup) handleResult(a answer) {
	if a.onlyNodes {
		l.naming--
		l.addNodes(a.reply.Nodes)
		return
	}
	l.waiting--
	if a.from.state == queried {
		l.active--
	}
	if a.err != nil || !l.known.recordReply(a.from, a.reply) {
		a.from.state = failed
		return
	}
	l.result.Answered++
	l.addNodes(a.reply.Nodes)
	if len(a.reply.Nodes) == 0 {
		l.withoutNodes = append(l.withoutNodes, a.from)
	}
	l.handleItem(a.from, a.reply.Item)
}

// addNodes adds the first nodes of a reply.
func (l *Lookup) addNodes(nodes []Node) {
	for _, n := range nodes[:min(len(nodes), 2*nearest)] {
		l.known.add(n)
	}
}

func (l *Lookup) handleItem(from *candidate, item pkarr.Item) {
	if item.IsZero() {
		return
	}
	item.Key = l.Key
	if item.Check() != nil {
		l.result.Invalid++
		return
	}
	item.Value = bytes.Clone(item.Value)
	from.item = item
	if item.Newer(l.newest) {
		l.newest = item
		if l.Found != nil {
			l.Found(item)
		}
	}
}

func (l *Lookup) summary() pkarr.Lookup {
	l.result.Newest, l.result.Nearest, l.result.Found = l.newest, 0, 0
	for _, c := range l.known.nearest() {
		l.result.Nearest++
		if !c.item.IsZero() && c.item.Same(l.newest) {
			l.result.Found++
		}
	}
	return l.result
}
