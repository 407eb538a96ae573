package swarm

import (
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/int160"
	"github.com/anacrolix/dht/v2/krpc"
	"golang.org/x/time/rate"
)

// dhtBucket is how many nodes a bucket of a routing table holds, and an answer names (BEP 5).
const dhtBucket = 8

// newDHTNode runs a node that knows nobody. A passive one stays out of routing tables.
func newDHTNode(t *testing.T, passive bool) *dht.Server {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := dht.NewServer(&dht.ServerConfig{
		Conn: conn, NoSecurity: true, Passive: passive, SendLimiter: rate.NewLimiter(rate.Inf, 0),
		StartingNodes: func() ([]dht.Addr, error) { return nil, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// TestDHTNamesTheNearestNodes: whatever a query looks for, the answer names the nearest nodes that the node knows.
func TestDHTNamesTheNearestNodes(t *testing.T) {
	cfg := config(t)
	withDHT(t, &cfg, "127.0.0.1:1")
	c := start(t, cfg)
	ours := c.dhtNodes.servers[0]
	for range 50 {
		addr := newDHTNode(t, false).Addr().(*net.UDPAddr)
		c.dhtNodes.addresses.admit(netip.IPv6Loopback(), addr.AddrPort())
		eventually(t, "a node answers", func() bool { return ours.Ping(addr).Err == nil })
	}
	asker := newDHTNode(t, true)
	for range 20 {
		target := krpc.RandomNodeID()
		for query, args := range map[string]krpc.MsgArgs{
			"find_node": {Target: target}, "get": {Target: target}, "get_peers": {InfoHash: target},
		} {
			var named []krpc.NodeInfo
			eventually(t, "the query is answered", func() bool { // It may be lost.
				r := asker.Query(t.Context(), dht.NewAddr(ours.Addr()), query, dht.QueryInput{MsgArgs: args})
				if r.Err != nil || r.Reply.R == nil {
					return false
				}
				named = r.Reply.R.Nodes
				if query == "get" && r.Reply.R.Token != nil {
					t.Error("who asks for an item is given a token, as if we stored any")
				}
				return true
			})
			if missing := missingNearest(ours, target, named); len(missing) > 0 {
				t.Errorf("%s of %x names %v and not %v", query, target, named, missing)
			}
		}
	}
}

// missingNearest returns those of the nodes nearest to a target that were not named. Nearest of all are those that
// have more leading bits in common with it than the node itself has: they are in one bucket of its routing table.
// When they are too few for an answer, the library adds others, though not always the next ones.
func missingNearest(node *dht.Server, target krpc.ID, named []krpc.NodeInfo) []krpc.NodeInfo {
	distance := func(id krpc.ID) int160.T { return id.Int160().Distance(target.Int160()) }
	own, known := distance(node.ID()), node.Nodes()
	slices.SortFunc(known, func(a, b krpc.NodeInfo) int { return distance(a.ID).Cmp(distance(b.ID)) })
	var missing []krpc.NodeInfo
	for _, n := range known[:dhtBucket] {
		d := distance(n.ID)
		isNamed := slices.ContainsFunc(named, func(o krpc.NodeInfo) bool { return o.ID == n.ID })
		if d.BitLen() < own.BitLen() && !isNamed {
			missing = append(missing, n)
		}
	}
	return missing
}
