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
	// parallel is how many nodes are asked at the same time; those that are late do not count.
	parallel = 8
	// lateAfter is when a node is taken for late: others are asked in its stead, but it may still answer.
	lateAfter = 300 * time.Millisecond
	// goneAfter is when it is given up.
	goneAfter = 2500 * time.Millisecond
	// maxAsked bounds how many nodes are asked: liars name others that are always nearer.
	maxAsked = 100
	// nearest is how many nodes keep an item, and are named in an answer (BEP 5).
	nearest = 8
)

// Network asks nodes of the DHT. Its methods are called from many goroutines and end when their context does.
type Network interface {
	// Get asks a node for the item at a target.
	Get(ctx context.Context, node netip.AddrPort, target ID) (Reply, error)
	// FindNode asks a node for those nearest to a target (BEP 5).
	FindNode(ctx context.Context, node netip.AddrPort, target ID) ([]Node, error)
	// Put asks a node to keep an item; the token is from its Reply.
	Put(ctx context.Context, node netip.AddrPort, token string, item pkarr.Item) error
}

// ID is the place of a node, or of an item, in the DHT (BEP 5).
type ID [20]byte

// Node is a node of the DHT. One by which the DHT is entered may have no ID yet.
type Node struct {
	ID   ID
	Addr netip.AddrPort
}

// Reply is what a node answers. Nothing of it has been checked.
type Reply struct {
	ID    ID
	Nodes []Node
	Token string
	// Item is the item that it has; zero if it has none. Its Key need not be set.
	Item pkarr.Item
}

// Lookup looks for the item of a key.
type Lookup struct {
	Network Network
	Key     engine.PublicKey
	// Start are nodes to begin with: the nearest ones that are known, or those by which the DHT is entered.
	Start []Node
	// Limiter has a turn for each node that is asked; nil for no limit.
	Limiter *rate.Limiter
	// Found is called with each valid item that is newer than those before; nil for not at all.
	Found func(pkarr.Item)

	newest pkarr.Item
	known  candidates
	ended  chan answer
	asking sync.WaitGroup
	// active nodes are asked and not late; waiting ones are asked, late or not; naming ones are asked for nodes; count
	// questions were put.
	active, waiting, naming, count int
	// silent nodes have named none in their answers, as some do that have the item.
	silent []*candidate
	result pkarr.Lookup
}

// answer is what became of asking a node; onlyNodes says that it was asked for nothing but nodes.
type answer struct {
	from      *candidate
	reply     Reply
	err       error
	onlyNodes bool
}

// Run asks nodes until the nearest ones that answer are known, or ctx ends. All that it has begun has ended by then.
func (l *Lookup) Run(ctx context.Context) pkarr.Lookup {
	ctx, cancel := context.WithCancel(ctx)
	defer l.asking.Wait()
	defer cancel()
	l.known = newCandidates(pkarr.Target(l.Key))
	l.ended = make(chan answer)
	for _, n := range l.Start {
		l.known.add(n)
	}
	tick := time.NewTicker(lateAfter / 10)
	defer tick.Stop()
	for l.ask(ctx) {
		select {
		case a := <-l.ended:
			l.take(a)
		case now := <-tick.C:
			l.noteLate(now)
		case <-ctx.Done():
			return l.summary()
		}
	}
	return l.summary()
}

// ask asks the next nodes, as far as there are places and turns. It reports whether there is anything to wait for:
// nodes that are late are waited for only if they would be among the nearest.
func (l *Lookup) ask(ctx context.Context) bool {
	for l.active < parallel && l.count < maxAsked && ctx.Err() == nil {
		c := l.known.next()
		if c == nil && len(l.silent) == 0 {
			break
		}
		if l.Limiter != nil && !l.Limiter.Allow() {
			return true // The next tick tries again.
		}
		if l.count++; len(l.silent) > 0 {
			l.askForNodes(ctx)
		} else {
			l.askForItem(ctx, c)
		}
	}
	return l.active > 0 || l.naming > 0 || l.waiting > 0 && l.known.awaits()
}

func (l *Lookup) askForItem(ctx context.Context, c *candidate) {
	l.known.asked(c)
	l.active++
	l.waiting++
	l.begin(ctx, func(ctx context.Context) answer {
		reply, err := l.Network.Get(ctx, c.Addr, l.known.target)
		return answer{from: c, reply: reply, err: err}
	})
}

// askForNodes asks a node for others that has named none.
func (l *Lookup) askForNodes(ctx context.Context) {
	c := l.silent[0]
	l.silent = l.silent[1:]
	l.naming++
	l.begin(ctx, func(ctx context.Context) answer {
		nodes, err := l.Network.FindNode(ctx, c.Addr, l.known.target)
		return answer{from: c, reply: Reply{Nodes: nodes}, err: err, onlyNodes: true}
	})
}

// begin asks in the background and hands over what comes of it, unless ctx ends.
func (l *Lookup) begin(ctx context.Context, ask func(context.Context) answer) {
	l.asking.Go(func() {
		patience, cancel := context.WithTimeout(ctx, goneAfter)
		defer cancel()
		a := ask(patience)
		select {
		case l.ended <- a:
		case <-ctx.Done():
		}
	})
}

// wait waits for the next turn, or until ctx ends.
func wait(ctx context.Context, turns *rate.Limiter) error {
	if turns == nil {
		return ctx.Err()
	}
	return turns.Wait(ctx)
}

func (l *Lookup) noteLate(now time.Time) {
	for _, c := range l.known.all {
		if c.state == asked && now.Sub(c.askedAt) >= lateAfter {
			c.state = late
			l.active--
		}
	}
}

func (l *Lookup) take(a answer) {
	if a.onlyNodes {
		l.naming--
		l.learn(a.reply.Nodes)
		return
	}
	l.waiting--
	if a.from.state == asked {
		l.active--
	}
	if a.err != nil || !l.known.answered(a.from, a.reply) {
		a.from.state = failed
		return
	}
	l.result.Answered++
	l.learn(a.reply.Nodes)
	if len(a.reply.Nodes) == 0 {
		l.silent = append(l.silent, a.from)
	}
	l.takeItem(a.from, a.reply.Item)
}

// learn makes nodes known that a node has named, of whom the first ones count.
func (l *Lookup) learn(nodes []Node) {
	for _, n := range nodes[:min(len(nodes), 2*nearest)] {
		l.known.add(n)
	}
}

func (l *Lookup) takeItem(from *candidate, item pkarr.Item) {
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
