package swarm

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/bep44"
	"github.com/anacrolix/dht/v2/int160"
	"github.com/anacrolix/dht/v2/krpc"
	"golang.org/x/time/rate"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// distant is a socket whose packets arrive late, as those of a node far away.
type distant struct {
	net.PacketConn
	delay time.Duration
}

func (d distant) WriteTo(b []byte, to net.Addr) (int, error) {
	b = bytes.Clone(b)
	time.AfterFunc(d.delay, func() { _, _ = d.PacketConn.WriteTo(b, to) })
	return len(b), nil
}

// itemMesh runs n nodes of the library that keep items, 25 to 75 ms away if they are distant, each of which knows its
// neighbours and some others.
func itemMesh(tb testing.TB, n int, isDistant bool) []*dht.Server {
	tb.Helper()
	nodes := make([]*dht.Server, n)
	for i := range nodes {
		conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		if isDistant {
			conn = distant{conn, 25*time.Millisecond + time.Duration(rand.Int64N(int64(50*time.Millisecond)))}
		}
		nodes[i], err = dht.NewServer(&dht.ServerConfig{
			Conn: conn, NoSecurity: true, SendLimiter: rate.NewLimiter(rate.Inf, 0), Store: bep44.NewMemory(),
			Exp:           2 * time.Hour,
			StartingNodes: func() ([]dht.Addr, error) { return nil, nil },
			OnQuery: func(query *krpc.Msg, _ net.Addr) bool {
				if query.A != nil { // Not rewriteTarget: these nodes take items, and give tokens for that.
					query.A.InfoHash = query.A.Target
				}
				return true
			},
		})
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(nodes[i].Close)
	}
	var meeting sync.WaitGroup
	for _, node := range nodes {
		others := nearestNodes(nodes, node.ID())
		meeting.Go(func() {
			for _, i := range append([]int{1, 2, 3, 4, 5, 6, 7, 8}, rand.Perm(n)[:min(n, 12)]...) {
				if o := others[i%n]; o != node {
					node.Ping(o.Addr().(*net.UDPAddr))
				}
			}
		})
	}
	meeting.Wait()
	return nodes
}

// nearestNodes returns all nodes, those nearest to a target first.
func nearestNodes(nodes []*dht.Server, target krpc.ID) []*dht.Server {
	sorted := slices.Clone(nodes)
	distance := func(s *dht.Server) int160.T {
		id := krpc.ID(s.ID())
		return id.Int160().Distance(target.Int160())
	}
	slices.SortFunc(sorted, func(a, b *dht.Server) int { return distance(a).Cmp(distance(b)) })
	return sorted
}

// newJoinedClient starts a client that enters a mesh by some of its nodes, and waits until it knows them.
func newJoinedClient(tb testing.TB, nodes []*dht.Server) *Client {
	tb.Helper()
	cfg := config(tb)
	var entrances []string
	for _, n := range nodes[:min(len(nodes), 12)] {
		entrances = append(entrances, n.Addr().String())
	}
	withDHT(tb, &cfg, entrances...)
	c := start(tb, cfg)
	eventually(tb, "the client is in the DHT", func() bool { return len(c.dhtNodes.servers[0].Nodes()) >= dhtBucket })
	return c
}

func newItem(tb testing.TB, seed byte, seq int64, value string) pkarr.Item {
	tb.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	item, err := pkarr.Sign(key, seq, fmt.Appendf(nil, "%d:%s", len(value), value))
	if err != nil {
		tb.Fatal(err)
	}
	return item
}

// TestItems: what one client puts, at nearly all of the nodes that are truly nearest, another one finds.
func TestItems(t *testing.T) {
	nodes := itemMesh(t, 50, false)
	putter, getter := newJoinedClient(t, nodes), newJoinedClient(t, slices.Concat(nodes[25:], nodes[:25]))
	const keys = 12
	holding := 0
	for i := range byte(keys) {
		item := newItem(t, i+1, 1000, "here")
		l, err := putter.RepublishItem(t.Context(), item.Key, item, false)
		if err != nil || l.Stored < 6 || l.Nearest != dhtBucket || l.Found != 0 || !l.Newest.Same(item) {
			t.Errorf("put: %+v, %v", l, err)
		}
		var found []pkarr.Item
		l, err = getter.GetItem(t.Context(), item.Key, func(i pkarr.Item) { found = append(found, i) })
		if err != nil || len(found) != 1 || !found[0].Same(item) || found[0].Check() != nil || l.Found < 6 {
			t.Errorf("get: %d found, %+v, %v", len(found), l, err)
		}
		for _, n := range nearestNodes(nodes, item.Target())[:dhtBucket] {
			if r := n.Get(t.Context(), dht.NewAddr(n.Addr()), item.Target(), nil, dht.QueryRateLimiting{}); r.Reply.R != nil &&
				len(r.Reply.R.V) > 0 {
				holding++
			}
		}
	}
	if mean := float64(holding) / keys; mean < 7 {
		t.Errorf("%.1f of the 8 nearest nodes have what was put", mean)
	}
}

// TestKeepItemPrefersTheNewest: republishing an older item republishes the newer one that exists.
func TestKeepItemPrefersTheNewest(t *testing.T) {
	nodes := itemMesh(t, 20, false)
	c := newJoinedClient(t, nodes)
	old, fresh := newItem(t, 1, 1, "old"), newItem(t, 1, 2, "new")
	for _, item := range []pkarr.Item{fresh, old} {
		l, err := c.RepublishItem(t.Context(), item.Key, item, true)
		if err != nil || !l.Newest.Same(fresh) || l.Stored == 0 {
			t.Errorf("kept %+v, %v", l, err)
		}
	}
	l, err := c.GetItem(t.Context(), old.Key, nil)
	if err != nil || !l.Newest.Same(fresh) || l.Found != l.Nearest {
		t.Errorf("then %+v, %v", l, err)
	}
}

// TestItemsWithoutDHT: without a DHT the error says so.
func TestItemsWithoutDHT(t *testing.T) {
	off := start(t, config(t))
	item := newItem(t, 1, 1, "here")
	l, err := off.RepublishItem(t.Context(), item.Key, item, true)
	if engine.KindOf(err) != engine.Unavailable || l.Stored != 0 || !l.Newest.Same(item) {
		t.Errorf("without a DHT: %+v, %v", l, err)
	}
	cfg := config(t)
	withDHT(t, &cfg, "127.0.0.1:1")
	if l, err := start(t, cfg).GetItem(t.Context(), item.Key, nil); engine.KindOf(err) != engine.Unavailable ||
		l.Answered != 0 {
		t.Errorf("without any node: %+v, %v", l, err)
	}
}

// BenchmarkKeyLookup looks keys up in a net of 50 nodes that are 25 to 75 ms away, some of which may be gone.
func BenchmarkKeyLookup(b *testing.B) {
	for _, gone := range []int{0, 17} {
		b.Run(fmt.Sprint("gone=", gone), func(b *testing.B) {
			nodes := itemMesh(b, 50, true)
			c := newJoinedClient(b, nodes)
			const keys = 40
			var first, whole, put []time.Duration
			items := make([]pkarr.Item, keys)
			for i := range items {
				items[i] = newItem(b, byte(i+1), 1, "here")
				began := time.Now()
				if _, err := c.RepublishItem(b.Context(), items[i].Key, items[i], false); err != nil {
					b.Fatal(err)
				}
				put = append(put, time.Since(began))
			}
			for _, i := range rand.Perm(len(nodes))[:gone] {
				nodes[i].Close()
			}
			for b.Loop() {
				for _, item := range items {
					began := time.Now()
					heard := time.Duration(-1)
					l, err := c.GetItem(b.Context(), item.Key, func(pkarr.Item) {
						if heard < 0 {
							heard = time.Since(began)
						}
					})
					if err != nil || heard < 0 {
						b.Errorf("not found: %+v, %v", l, err)
					}
					first, whole = append(first, heard), append(whole, time.Since(began))
				}
			}
			report(b, "first", first)
			report(b, "whole", whole)
			report(b, "put", put)
		})
	}
}

// report reports the median and the 95th percentile of times, in milliseconds.
func report(b *testing.B, what string, times []time.Duration) {
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Milliseconds()), what+"-p50-ms")
	b.ReportMetric(float64(times[len(times)*95/100].Milliseconds()), what+"-p95-ms")
}

// BenchmarkKeepItem is what it costs to keep one record, with the share of a core that a thousand of them take when
// each is kept once an hour. The nodes of the mesh are in the same process, and count too.
func BenchmarkKeepItem(b *testing.B) {
	nodes := itemMesh(b, 50, false)
	c := newJoinedClient(b, nodes)
	item := newItem(b, 1, 1, "here")
	used, kept := cpuTime(), 0
	for b.Loop() {
		l, err := c.RepublishItem(b.Context(), item.Key, item, false)
		if err != nil || l.Stored < 6 {
			b.Fatalf("kept %+v, %v", l, err)
		}
		kept++
	}
	cpu := (cpuTime() - used).Seconds() / float64(kept)
	b.ReportMetric(1000*cpu, "cpu-ms/op")
	b.ReportMetric(100*1000*cpu/3600, "%core/1000-keys")
}
