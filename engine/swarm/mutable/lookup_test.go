package mutable

import (
	"context"
	"crypto/ed25519"
	"math"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"wtptui/engine/pkarr"
)

// TestPutAndGet: an item is found again from any node, and is stored on nearly all of the nodes nearest to the key.
func TestPutAndGet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		holders := 0
		const keys = 40
		for i := range keys {
			s := newSimNet(50, uint64(i))
			k := newKey(byte(i + 1))
			item := sign(t, k, 7, "here")
			put := Lookup{Network: s, Key: publicKey(k), Start: s.startNodes()}
			if r := put.Run(t.Context()); !r.Newest.IsZero() || r.Nearest != nearest || r.Answered < nearest {
				t.Fatalf("before anything was put: %+v", r)
			}
			if n := put.Put(t.Context(), item); n != nearest {
				t.Errorf("%d nodes took it", n)
			}
			holders += s.holders(item)
			get := Lookup{Network: s, Key: publicKey(k), Start: s.startNodes()}
			r := get.Run(t.Context())
			if !r.Newest.Same(item) || r.Newest.Key != publicKey(k) || r.Found < 6 || r.Invalid != 0 {
				t.Errorf("afterwards: %+v", r)
			}
		}
		if mean := float64(holders) / keys; mean < 7.5 {
			t.Errorf("%.2f of the 8 nearest nodes have what was put", mean)
		}
	})
}

// TestDeadNodes: unresponsive nodes delay a lookup little.
func TestDeadNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var first, whole []time.Duration
		for i := range 40 {
			s := newSimNet(50, uint64(i))
			k := newKey(byte(i + 1))
			item := sign(t, k, 7, "here")
			put := Lookup{Network: s, Key: publicKey(k), Start: s.startNodes()}
			put.Run(t.Context())
			put.Put(t.Context(), item)
			s.kill(1.0 / 3)
			began := time.Now()
			heard := time.Duration(math.MaxInt64)
			get := Lookup{Network: s, Key: publicKey(k), Start: s.startNodes(), Found: func(pkarr.Item) {
				heard = min(heard, time.Since(began))
			}}
			if r := get.Run(t.Context()); !r.Newest.Same(item) {
				t.Errorf("with a third of the nodes gone: %+v", r)
			}
			first, whole = append(first, heard), append(whole, time.Since(began))
		}
		slices.Sort(first)
		slices.Sort(whole)
		at := len(first) * 95 / 100
		t.Logf(
			"first answer: p50 %v, p95 %v; whole: p50 %v, p95 %v",
			first[len(first)/2],
			first[at],
			whole[len(whole)/2],
			whole[at],
		)
		if first[at] > 500*time.Millisecond || whole[at] > 4*time.Second {
			t.Errorf("first answer p95 %v, whole look-up p95 %v", first[at], whole[at])
		}
	})
}

// TestNewestCounts: after a partial put some of the nearest nodes have the older item. It is reported if it comes
// first, and never after the newer one.
func TestNewestCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSimNet(50, 3)
		k := newKey(9)
		old, fresh := sign(t, k, 1, "old"), sign(t, k, 2, "new")
		for i, n := range s.sorted(old.Target())[:nearest] {
			node := s.nodes[n.Addr]
			node.item, node.delay = old, 30*time.Millisecond
			if i%2 == 0 {
				node.item, node.delay = fresh, 90*time.Millisecond
			}
		}
		var found []int64
		get := Lookup{
			Network: s,
			Key:     publicKey(k),
			Start:   s.startNodes(),
			Found:   func(i pkarr.Item) { found = append(found, i.Seq) },
		}
		r := get.Run(t.Context())
		if !r.Newest.Same(fresh) || r.Found == 0 || r.Found >= r.Nearest || !slices.Equal(found, []int64{1, 2}) {
			t.Errorf("told %v, then %+v", found, r)
		}
		if n := get.Put(t.Context(), r.Newest); n != nearest || s.holders(fresh) < 7 {
			t.Errorf("%d took it, %d have it", n, s.holders(fresh))
		}
	})
}

// TestNewestIsFoundBehindOutdatedNodes: the newest item is found behind nodes that have an older one and return no
// other nodes.
func TestNewestIsFoundBehindOutdatedNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for i := range 20 {
			s := newSimNet(50, uint64(i))
			s.terse = true
			k := newKey(9)
			old, fresh := sign(t, k, 1, "old"), sign(t, k, 2, "new")
			for i, n := range s.sorted(old.Target()) {
				s.nodes[n.Addr].item = old
				if i < 2 {
					s.nodes[n.Addr].item = fresh
				}
			}
			get := Lookup{Network: s, Key: publicKey(k), Start: s.startNodes()}
			if r := get.Run(t.Context()); !r.Newest.Same(fresh) || r.Found != 2 || r.Nearest != nearest {
				t.Errorf("%+v", r)
			}
		}
	})
}

// falsehoods are what lying nodes answer with.
type falsehoods struct {
	forged   pkarr.Item // with a wrong signature
	negative pkarr.Item // with a negative sequence number
	otherKey pkarr.Item // of another key
	honest   []Node     // that there are, the nearest one first
	many     []Node     // that there are not
}

// newFalsehoods returns the falsehoods about a key and an item of it, without the honest nodes.
func newFalsehoods(t *testing.T, k ed25519.PrivateKey, good pkarr.Item) *falsehoods {
	t.Helper()
	f := &falsehoods{forged: good, otherKey: sign(t, newKey(3), 77, "no"), many: make([]Node, 10_000)}
	f.forged.Seq = 99
	f.negative = pkarr.Item{Seq: -1, Value: []byte("2:no")}
	f.negative.Sig = [64]byte(ed25519.Sign(k, []byte("3:seqi-1e1:v2:no")))
	for i := range f.many {
		f.many[i] = Node{
			ID:   ID{byte(i), byte(i >> 8), 1},
			Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}), 1),
		}
	}
	return f
}

// lies are replies of a node to a query for a target, by their descriptions.
var lies = map[string]func(f *falsehoods, id, target ID) Reply{
	"wrong signature": func(f *falsehoods, id, _ ID) Reply { return Reply{ID: id, Token: "t", Item: f.forged} },
	"too large": func(_ *falsehoods, id, _ ID) Reply {
		return Reply{ID: id, Item: pkarr.Item{Value: make([]byte, 5000)}}
	},
	"negative":   func(f *falsehoods, id, _ ID) Reply { return Reply{ID: id, Item: f.negative} },
	"other key":  func(f *falsehoods, id, _ ID) Reply { return Reply{ID: id, Item: f.otherKey} },
	"no id":      func(*falsehoods, ID, ID) Reply { return Reply{} },
	"other id":   func(f *falsehoods, _, target ID) Reply { return Reply{ID: target, Nodes: f.many} },
	"many nodes": func(f *falsehoods, id, _ ID) Reply { return Reply{ID: id, Nodes: f.many} },
	"always nearer": func(f *falsehoods, id, target ID) Reply {
		nodes := slices.Clone(f.many[:8])
		for i := range nodes {
			nodes[i].ID = target
			nodes[i].ID[19] ^= byte(i)
		}
		return Reply{ID: id, Nodes: nodes}
	},
	"honest nodes by wrong IDs": func(f *falsehoods, id, target ID) Reply {
		nodes := falsifyNodes(f.honest, func(i int, n *Node) { n.ID = target; n.ID[18] ^= byte(i) })
		return Reply{ID: id, Token: "t", Nodes: nodes}
	},
	"honest hosts by wrong ports": func(f *falsehoods, id, target ID) Reply {
		return Reply{ID: id, Token: "t", Nodes: falsifyNodes(f.honest, func(i int, n *Node) {
			n.ID = target
			n.ID[18] ^= byte(i)
			n.Addr = netip.AddrPortFrom(n.Addr.Addr(), 9)
		})}
	},
	"nowhere": func(_ *falsehoods, id, _ ID) Reply { return Reply{ID: id, Nodes: []Node{{}, {ID: id}}} },
}

// TestForgedItemsAreIgnored: after any answers of some nodes, the item of the others is found and the lookup ends.
func TestForgedItemsAreIgnored(t *testing.T) {
	k := newKey(9)
	good := sign(t, k, 5, "good")
	f := newFalsehoods(t, k, good)
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSimNet(50, 4)
				f.honest = s.sorted(good.Target())
				for i, n := range s.sorted(good.Target()) {
					switch node := s.nodes[n.Addr]; {
					case i%3 == 1:
						node.lies = func(target ID) Reply { return lie(f, node.ID, target) }
					case i < nearest:
						node.item = good
					}
				}
				began := time.Now()
				get := Lookup{Network: s, Key: publicKey(k), Start: s.startNodes()}
				r := get.Run(t.Context())
				if !r.Newest.Same(good) || s.gets > maxQueries || time.Since(began) > 10*time.Second {
					t.Errorf("%+v after %d questions and %v", r, s.gets, time.Since(began))
				}
				if n := get.Put(t.Context(), good); n == 0 {
					t.Error("nobody takes it")
				}
			})
		})
	}
}

// falsifyNodes returns nodes with one wrong field each.
func falsifyNodes(nodes []Node, change func(int, *Node)) []Node {
	lies := slices.Clone(nodes[:16])
	for i := range lies {
		change(i, &lies[i])
	}
	return lies
}

// TestSlowNodesAreWaitedFor: where every node is far away, late responses are waited for.
func TestSlowNodesAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSimNet(50, 8)
		k := newKey(9)
		item := sign(t, k, 5, "here")
		for i, n := range s.sorted(item.Target()) {
			node := s.nodes[n.Addr]
			node.delay = 900 * time.Millisecond
			if i < nearest {
				node.item = item
			}
		}
		get := Lookup{Network: s, Key: publicKey(k), Start: s.startNodes()}
		if r := get.Run(t.Context()); !r.Newest.Same(item) || r.Found < 6 {
			t.Errorf("%+v", r)
		}
	})
}

// TestNoNodeAnswers: a lookup ends soon if no node answers, or when its context ends.
func TestNoNodeAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSimNet(50, 5)
		s.kill(2)
		began := time.Now()
		get := Lookup{Network: s, Key: publicKey(newKey(1)), Start: s.startNodes()}
		if r := get.Run(t.Context()); r.Answered != 0 || time.Since(began) > queryTimeout+time.Second {
			t.Errorf("%+v after %v", r, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		began = time.Now()
		get = Lookup{Network: s, Key: publicKey(newKey(1)), Start: s.startNodes()}
		if get.Run(ctx); time.Since(began) > 20*time.Millisecond {
			t.Errorf("it ended %v after its context had", time.Since(began))
		}
		get = Lookup{Network: s, Key: publicKey(newKey(1))}
		if r := get.Run(t.Context()); r.Answered != 0 {
			t.Errorf("without anybody to ask: %+v", r)
		}
	})
}

// TestQueryRateOfManyKeys: a thousand keys are republished within an hour with at most 15 queries a second, whatever
// the number of concurrent lookups.
func TestQueryRateOfManyKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSimNet(50, 6)
		turns := rate.NewLimiter(15, 1)
		began := time.Now()
		const keys, workers = 100, 5
		work := make(chan int, keys)
		for i := range keys {
			work <- i
		}
		close(work)
		done := make(chan bool)
		for range workers {
			go func() {
				defer func() { done <- true }()
				for i := range work {
					k := newKey(byte(i + 1))
					keep := Lookup{
						Network: s,
						Key:     publicKey(k),
						Start:   Nearest(pkarr.Target(publicKey(k)), s.sorted(ID{})),
						Limiter: turns,
					}
					keep.Run(t.Context())
					if n := keep.Put(t.Context(), sign(t, k, 1, "here")); n != nearest {
						t.Errorf("%d took it", n)
					}
				}
			}()
		}
		for range workers {
			<-done
		}
		took := time.Since(began)
		asked := s.gets + s.puts
		t.Logf("%d questions for %d keys in %v", asked, keys, took)
		if perSecond := float64(asked) / took.Seconds(); perSecond > 15.2 {
			t.Errorf("%.1f questions a second", perSecond)
		}
		if hour := took * 1000 / keys; hour > time.Hour {
			t.Errorf("a thousand keys take %v", hour)
		}
	})
}
