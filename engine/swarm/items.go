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

// pacedQueriesPerSecond is how many queries all paced lookups together send in a second. A query and its response are
// two packets.
const pacedQueriesPerSecond = 15

// minStartNodes is how many nodes must be known for a lookup to start without bootstrap nodes.
const minStartNodes = 4

// Items looks up and puts mutable items in the DHT (BEP 44).
type Items struct {
	nodes   *dhtNodes
	limiter *rate.Limiter // of paced lookups
}

func newItems(nodes *dhtNodes) *Items {
	return &Items{nodes: nodes, limiter: rate.NewLimiter(pacedQueriesPerSecond, 1)}
}

// GetItem looks up a key's item over IPv4 and IPv6. It calls found, from one goroutine at a time, with each valid item
// that is newer than those before. It returns when the nodes nearest to the key have answered, or ctx ends. The error
// is of Kind Unavailable if no node answered, or the DHT is off.
func (i *Items) GetItem(ctx context.Context, key engine.PublicKey, found func(pkarr.Item)) (pkarr.Lookup, error) {
	return i.run(ctx, itemLookup{key: key, found: found})
}

// RepublishItem looks up a key's item completely, and puts the newest of the found items and known, unchanged, to the
// nodes nearest to the key. known may be zero. A paced lookup waits for its turn: all of them together send and receive
// at most 30 packets a second. Errors are those of GetItem; the Lookup holds the results all the same.
func (i *Items) RepublishItem(
	ctx context.Context,
	key engine.PublicKey,
	known pkarr.Item,
	paced bool,
) (pkarr.Lookup, error) {
	l := itemLookup{key: key, known: known, put: true}
	if paced {
		l.limiter = i.limiter
	}
	return i.run(ctx, l)
}

// itemLookup is one lookup in all networks.
type itemLookup struct {
	key     engine.PublicKey
	known   pkarr.Item
	found   func(pkarr.Item)
	put     bool
	limiter *rate.Limiter
}

// run looks up the item in the IPv4 and IPv6 networks, which are separate.
func (i *Items) run(ctx context.Context, l itemLookup) (pkarr.Lookup, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(i.nodes.ctx, cancel)()
	items := make(chan pkarr.Item)
	parts := make([]mutable.Lookup, len(i.nodes.servers))
	lookups := make([]pkarr.Lookup, len(parts))
	var running sync.WaitGroup
	for n, server := range i.nodes.servers {
		parts[n] = mutable.Lookup{
			Network: dhtNetwork{server}, Key: l.key, Limiter: l.limiter,
			Start: i.nodes.startNodes(ctx, server, pkarr.Target(l.key)),
			Found: func(item pkarr.Item) { items <- item },
		}
		running.Go(func() { lookups[n] = parts[n].Run(ctx) })
	}
	go func() {
		running.Wait()
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
	if l.put && !newest.IsZero() {
		sum.Stored = putAll(ctx, parts, newest)
	}
	if sum.Answered == 0 {
		return sum, i.noAnswerError(ctx)
	}
	return sum, nil
}

// merge sums the results of the networks.
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
	var running sync.WaitGroup
	for n := range parts {
		running.Go(func() { stored[n] = parts[n].Put(ctx, item) })
	}
	running.Wait()
	sum := 0
	for _, s := range stored {
		sum += s
	}
	return sum
}

func (i *Items) noAnswerError(ctx context.Context) error {
	msg := "no node of the DHT could be reached: check the network, and that UDP is let through"
	if len(i.nodes.servers) == 0 {
		msg = "the DHT is off: start without --no-dht"
	}
	return &engine.Error{Op: "swarm: get item", Kind: engine.Unavailable, Msg: msg, Err: ctx.Err()}
}

// startNodes returns the nodes that a lookup starts with: those of the routing table nearest to the target, or else
// the bootstrap nodes.
func (n *dhtNodes) startNodes(ctx context.Context, server *dht.Server, target mutable.ID) []mutable.Node {
	var nodes []mutable.Node
	for _, k := range server.Nodes() {
		if a, ok := addrPort(k.Addr.UDP()); ok {
			nodes = append(nodes, mutable.Node{ID: mutable.ID(k.ID), Addr: a})
		}
	}
	if len(nodes) >= minStartNodes {
		return mutable.Nearest(target, nodes)
	}
	return append(nodes, n.bootstrapNodes(ctx, server)...)
}

// bootstrapNodes returns the bootstrap nodes. Their names may have to be resolved.
func (n *dhtNodes) bootstrapNodes(ctx context.Context, server *dht.Server) []mutable.Node {
	network := "udp4"
	if a, ok := addrPort(server.Addr()); ok && a.Addr().Is6() {
		network = "udp6"
	}
	found := make(chan []mutable.Node, 1)
	go func() { // The system's resolver does not end with ctx.
		var nodes []mutable.Node
		addrs, _ := n.startingNodes(network) // Without any, no node is queried.
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

// errEmptyResponse is the error for a response without values.
var errEmptyResponse = errors.New("swarm: a node's answer is empty")

// dhtNetwork sends queries from one of our nodes.
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
	reply.Nodes = responseNodes(r)
	if r.Seq != nil && len(r.V) > 0 { // Without both it is not a mutable item. Any node can omit one.
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
	return responseNodes(r), nil
}

// responseNodes returns the nodes in a response.
func responseNodes(r *krpc.Return) (nodes []mutable.Node) {
	r.ForAllNodes(func(k krpc.NodeInfo) {
		if a, ok := addrPort(k.Addr.UDP()); ok {
			nodes = append(nodes, mutable.Node{ID: mutable.ID(k.ID), Addr: a})
		}
	})
	return nodes
}

// Put implements mutable.Network. It never sends cas, which many nodes compare wrongly.
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
		return nil, errEmptyResponse
	}
	return r.Reply.R, nil
}
