package swarm

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent/bencode"
	"golang.org/x/time/rate"

	"wtptui/engine"
	"wtptui/engine/pkarr"
	"wtptui/engine/swarm/mutable"
)

// pacedQueries is how many nodes all paced look-ups together ask in a second. A question and its answer are two
// packets.
const pacedQueries = 15

// enoughEntrances is how many nodes have to be known for a look-up to do without those by which the DHT is entered.
const enoughEntrances = 4

// Items looks up and puts mutable items of the DHT (BEP 44).
type Items struct {
	nodes *dhtNodes
	turns *rate.Limiter // of paced look-ups
}

func newItems(nodes *dhtNodes) *Items {
	return &Items{nodes: nodes, turns: rate.NewLimiter(pacedQueries, 1)}
}

// GetItem looks a key's item up, over IPv4 and IPv6. It calls found, from one goroutine at a time, with each valid item
// that is newer than those before, and returns when the nodes nearest to the key have been heard, or ctx ends. Kind
// Unavailable if no node answered, or there is no DHT.
func (i *Items) GetItem(ctx context.Context, key engine.PublicKey, found func(pkarr.Item)) (pkarr.Lookup, error) {
	return i.run(ctx, itemLookup{key: key, found: found})
}

// KeepItem looks a key's item up to the end, and puts the newest of those that were found and the one that is known to
// the nodes nearest to it, unchanged. known may be zero. A paced one waits for its turn: all of them together send and
// get at most 30 packets a second. Errors are those of GetItem; the Lookup says what was found and done all the same.
func (i *Items) KeepItem(
	ctx context.Context,
	key engine.PublicKey,
	known pkarr.Item,
	paced bool,
) (pkarr.Lookup, error) {
	l := itemLookup{key: key, known: known, keep: true}
	if paced {
		l.turns = i.turns
	}
	return i.run(ctx, l)
}

// itemLookup is one look-up in all networks.
type itemLookup struct {
	key   engine.PublicKey
	known pkarr.Item
	found func(pkarr.Item)
	keep  bool
	turns *rate.Limiter
}

// run looks the item up in the networks of IPv4 and of IPv6, which do not know each other.
func (i *Items) run(ctx context.Context, l itemLookup) (pkarr.Lookup, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(i.nodes.ctx, cancel)()
	items := make(chan pkarr.Item)
	parts := make([]mutable.Lookup, len(i.nodes.servers))
	lookups := make([]pkarr.Lookup, len(parts))
	var asking sync.WaitGroup
	for n, server := range i.nodes.servers {
		parts[n] = mutable.Lookup{
			Network: dhtNetwork{server}, Key: l.key, Limiter: l.turns,
			Start: i.nodes.entrances(ctx, server, pkarr.Target(l.key)),
			Found: func(item pkarr.Item) { items <- item },
		}
		asking.Go(func() { lookups[n] = parts[n].Run(ctx) })
	}
	go func() {
		asking.Wait()
		close(items)
	}()
	newest := l.known
	for item := range items {
		if !item.Newer(newest) {
			continue
		}
		newest = item
		if l.found != nil {
			l.found(item)
		}
	}
	sum := merge(lookups, newest)
	if l.keep && !newest.IsZero() {
		sum.Stored = putAll(ctx, parts, newest)
	}
	if sum.Answered == 0 {
		return sum, i.unanswered(ctx)
	}
	return sum, nil
}

// merge adds up what was found in each network.
func merge(lookups []pkarr.Lookup, newest pkarr.Item) pkarr.Lookup {
	sum := pkarr.Lookup{Newest: newest}
	for _, part := range lookups {
		sum.Answered += part.Answered
		sum.Nearest += part.Nearest
		sum.Invalid += part.Invalid
		if !newest.IsZero() && part.Newest.Same(newest) {
			sum.Found += part.Found
		}
	}
	return sum
}

func putAll(ctx context.Context, parts []mutable.Lookup, item pkarr.Item) int {
	stored := make([]int, len(parts))
	var asking sync.WaitGroup
	for n := range parts {
		asking.Go(func() { stored[n] = parts[n].Put(ctx, item) })
	}
	asking.Wait()
	sum := 0
	for _, s := range stored {
		sum += s
	}
	return sum
}

func (i *Items) unanswered(ctx context.Context) error {
	msg := "no node of the DHT could be reached: check the network, and that UDP is let through"
	if len(i.nodes.servers) == 0 {
		msg = "the DHT is off: start without --no-dht"
	}
	return &engine.Error{Op: "swarm: get item", Kind: engine.Unavailable, Msg: msg, Err: ctx.Err()}
}

// entrances are the nodes by which a look-up begins: those of the routing table nearest to the target, or those by
// which the DHT is entered.
func (n *dhtNodes) entrances(ctx context.Context, server *dht.Server, target mutable.ID) []mutable.Node {
	var nodes []mutable.Node
	for _, k := range server.Nodes() {
		if a, ok := addrPort(k.Addr.UDP()); ok {
			nodes = append(nodes, mutable.Node{ID: mutable.ID(k.ID), Addr: a})
		}
	}
	if len(nodes) >= enoughEntrances {
		return mutable.Nearest(target, nodes)
	}
	return append(nodes, n.doors(ctx, server)...)
}

// doors are the nodes by which the DHT is entered, whose names may have to be looked up.
func (n *dhtNodes) doors(ctx context.Context, server *dht.Server) []mutable.Node {
	network := "udp4"
	if a, ok := addrPort(server.Addr()); ok && a.Addr().Is6() {
		network = "udp6"
	}
	found := make(chan []mutable.Node, 1)
	go func() { // The system's look-up of names ends by itself, and not with ctx.
		var nodes []mutable.Node
		addrs, _ := n.startingNodes(network) // Without any, nobody is asked.
		for _, known := range addrs {
			if a, ok := addrPort(known); ok {
				nodes = append(nodes, mutable.Node{Addr: a})
			}
		}
		found <- nodes
	}()
	select {
	case nodes := <-found:
		return nodes
	case <-ctx.Done():
		return nil
	}
}

// errNoReply is the error of an answer that says nothing.
var errNoReply = errors.New("swarm: a node's answer is empty")

// dhtNetwork asks nodes by one of ours.
type dhtNetwork struct{ server *dht.Server }

// Get implements mutable.Network.
func (n dhtNetwork) Get(ctx context.Context, node netip.AddrPort, target mutable.ID) (mutable.Reply, error) {
	r, err := n.query(ctx, node, "get", krpc.MsgArgs{Target: krpc.ID(target)})
	if err != nil {
		return mutable.Reply{}, err
	}
	reply := mutable.Reply{ID: mutable.ID(r.ID)}
	if r.Token != nil {
		reply.Token = *r.Token
	}
	reply.Nodes = named(r)
	if r.Seq != nil && len(r.V) > 0 { // Without either it is no mutable item, and anybody can leave one out.
		reply.Item = pkarr.Item{Seq: *r.Seq, Sig: r.Sig, Value: bytes.Clone(r.V)}
	}
	return reply, nil
}

// FindNode implements mutable.Network.
func (n dhtNetwork) FindNode(ctx context.Context, node netip.AddrPort, target mutable.ID) ([]mutable.Node, error) {
	r, err := n.query(ctx, node, "find_node", krpc.MsgArgs{Target: krpc.ID(target)})
	if err != nil {
		return nil, err
	}
	return named(r), nil
}

// named are the nodes that an answer names.
func named(r *krpc.Return) (nodes []mutable.Node) {
	r.ForAllNodes(func(k krpc.NodeInfo) {
		if a, ok := addrPort(k.Addr.UDP()); ok {
			nodes = append(nodes, mutable.Node{ID: mutable.ID(k.ID), Addr: a})
		}
	})
	return nodes
}

// Put implements mutable.Network. It never sends cas: many nodes compare it wrongly.
func (n dhtNetwork) Put(ctx context.Context, node netip.AddrPort, token string, item pkarr.Item) error {
	_, err := n.query(ctx, node, "put", krpc.MsgArgs{
		Token: token, K: item.Key, Sig: item.Sig, Seq: &item.Seq, V: bencode.Bytes(item.Value),
	})
	return err
}

func (n dhtNetwork) query(ctx context.Context, node netip.AddrPort, q string, args krpc.MsgArgs) (*krpc.Return, error) {
	r := n.server.Query(ctx, dht.NewAddr(net.UDPAddrFromAddrPort(node)), q, dht.QueryInput{MsgArgs: args})
	if err := r.ToError(); err != nil {
		return nil, err
	}
	if r.Reply.R == nil {
		return nil, errNoReply
	}
	return r.Reply.R, nil
}
