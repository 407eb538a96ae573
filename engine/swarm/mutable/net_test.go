package mutable

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// simNode is a node of a simulated network.
type simNode struct {
	Node

	known []Node // what it names the nearest ones of
	delay time.Duration
	dead  bool
	item  pkarr.Item
	lies  func(target ID) Reply // in place of an answer; nil for an honest node
}

// simNet is a network whose packets are delayed, in the virtual time of the test's bubble.
type simNet struct {
	mu    sync.Mutex
	nodes map[netip.AddrPort]*simNode
	terse bool // nodes that have an item name no others in answer to a get, as bittorrent-dht's do
	gets  int
	puts  int
	rng   *rand.Rand
}

var errRefused = errors.New("no")

// newSimNet makes a network of n nodes, 25 to 75 ms away, each of which knows its own neighbours and some others.
func newSimNet(n int, seed uint64) *simNet {
	s := &simNet{nodes: map[netip.AddrPort]*simNode{}, rng: rand.New(rand.NewPCG(seed, 1))}
	for i := range n {
		s.add(Node{ID: s.randomID(), Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}), 6881)})
	}
	for _, n := range s.sorted(ID{}) {
		node := s.nodes[n.Addr]
		others := s.sorted(node.ID)[1:]
		node.known = slices.Clone(others[:min(len(others), 12)])
		for _, i := range s.rng.Perm(len(others))[:min(len(others), 12)] {
			node.known = append(node.known, others[i])
		}
	}
	return s
}

func (s *simNet) add(n Node) *simNode {
	node := &simNode{Node: n, delay: 25*time.Millisecond + time.Duration(s.rng.Int64N(int64(50*time.Millisecond)))}
	s.nodes[n.Addr] = node
	return node
}

func (s *simNet) randomID() (id ID) {
	for i := range id {
		id[i] = byte(s.rng.Uint32())
	}
	return id
}

// sorted returns all nodes, those nearest to a target first.
func (s *simNet) sorted(target ID) []Node {
	c := candidates{target: target}
	var all []Node
	for _, n := range s.nodes {
		all = append(all, n.Node)
	}
	slices.SortFunc(all, func(a, b Node) int { return c.compare(a.ID, b.ID) })
	return all
}

// kill makes a share of the nodes unresponsive. Others still name them.
func (s *simNet) kill(part float64) {
	for _, n := range s.sorted(ID{}) {
		s.nodes[n.Addr].dead = s.rng.Float64() < part
	}
}

// startNodes returns some nodes to start with, as a routing table holds them.
func (s *simNet) startNodes() []Node {
	all := s.sorted(s.randomID())
	return all[:min(len(all), 8)]
}

func (s *simNet) deliverPacket(ctx context.Context, to netip.AddrPort) (*simNode, error) {
	n := s.nodes[to]
	if n == nil || n.dead {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	select {
	case <-time.After(n.delay):
		return n, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *simNet) Get(ctx context.Context, to netip.AddrPort, target ID) (Reply, error) {
	s.mu.Lock()
	s.gets++
	s.mu.Unlock()
	n, err := s.deliverPacket(ctx, to)
	if err != nil {
		return Reply{}, err
	}
	if n.lies != nil {
		return n.lies(target), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	reply := Reply{ID: n.ID, Token: fmt.Sprint("of ", to), Item: n.item}
	if !s.terse || n.item.IsZero() {
		reply.Nodes = Nearest(target, n.known)
	}
	return reply, nil
}

func (s *simNet) FindNode(ctx context.Context, to netip.AddrPort, target ID) ([]Node, error) {
	s.mu.Lock()
	s.gets++
	s.mu.Unlock()
	n, err := s.deliverPacket(ctx, to)
	if err != nil {
		return nil, err
	}
	return Nearest(target, n.known), nil
}

func (s *simNet) Put(ctx context.Context, to netip.AddrPort, token string, item pkarr.Item) error {
	s.mu.Lock()
	s.puts++
	s.mu.Unlock()
	n, err := s.deliverPacket(ctx, to)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if token != fmt.Sprint("of ", to) || item.Check() != nil || n.item.Newer(item) {
		return errRefused
	}
	n.item = item
	return nil
}

// holders returns how many live nodes of those nearest to a key have an item.
func (s *simNet) holders(item pkarr.Item) int {
	n, live := 0, 0
	for _, near := range s.sorted(item.Target()) {
		node := s.nodes[near.Addr]
		if node.dead || live == nearest {
			continue
		}
		live++
		if node.item.Same(item) {
			n++
		}
	}
	return n
}

func newKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize))
}

func publicKey(k ed25519.PrivateKey) engine.PublicKey {
	return engine.PublicKey(k.Public().(ed25519.PublicKey))
}

func sign(t testing.TB, k ed25519.PrivateKey, seq int64, value string) pkarr.Item {
	t.Helper()
	item, err := pkarr.Sign(k, seq, fmt.Appendf(nil, "%d:%s", len(value), value))
	if err != nil {
		t.Fatal(err)
	}
	return item
}
