package mutable

import (
	"bytes"
	"net/netip"
	"slices"
	"time"

	"wtptui/engine/pkarr"
)

// maxCandidates limits how many nodes a lookup remembers: malicious nodes return any number.
const maxCandidates = 256

// state is the state of a node in a lookup.
type state int

const (
	notQueried state = iota // not queried yet
	queried                 // queried, and not late
	late                    // queried, and late
	replied                 // has replied
	failed                  // has not replied, or not validly
)

// candidate is a node that a lookup knows.
type candidate struct {
	Node

	state     state
	queriedAt time.Time
	token     string
	item      pkarr.Item
}

// candidates holds the nodes that a lookup knows, nearest first; those without an ID come before all others.
//
// What others say of a node is a claim: a malicious node returns honest nodes with wrong IDs and ports. So an address
// may be claimed several times, and is queried once. Of a public host at most two addresses are queried, and none once
// one has replied: one host must not pose as the whole DHT.
type candidates struct {
	target ID
	all    []*candidate
	// claims counts how often an address was returned.
	claims map[netip.AddrPort]int
	// known is the set of queried addresses; hosts counts them by public host, and answeredHosts is the set of hosts
	// that have replied.
	known         map[netip.AddrPort]bool
	hosts         map[netip.Addr]int
	answeredHosts map[netip.Addr]bool
}

const (
	maxClaims  = 4
	maxPerHost = 2
)

func newCandidates(target ID) candidates {
	return candidates{
		target: target, claims: map[netip.AddrPort]int{}, known: map[netip.AddrPort]bool{},
		hosts: map[netip.Addr]int{}, answeredHosts: map[netip.Addr]bool{},
	}
}

// add adds a node, unless it is known already or there are enough nearer ones.
func (c *candidates) add(n Node) {
	same := func(o *candidate) bool { return o.Node == n }
	switch {
	case !n.Addr.IsValid() || n.Addr.Port() == 0 || c.claims[n.Addr] >= maxClaims || !c.canQuery(n.Addr):
		return
	case len(c.all) >= maxCandidates && (n.ID == ID{} || !c.isNear(n.ID)) || len(c.all) >= 4*maxCandidates:
		return
	case slices.ContainsFunc(c.all, same):
		return
	}
	c.claims[n.Addr]++
	c.insert(&candidate{Node: n})
}

// canQuery reports whether an address may still be queried.
func (c *candidates) canQuery(a netip.AddrPort) bool {
	host, isPublic := publicHost(a)
	return !c.known[a] && !(isPublic && (c.answeredHosts[host] || c.hosts[host] >= maxPerHost))
}

// markQueried records that a node is queried now.
func (c *candidates) markQueried(n *candidate) {
	n.state, n.queriedAt = queried, time.Now()
	c.known[n.Addr] = true
	if host, isPublic := publicHost(n.Addr); isPublic {
		c.hosts[host]++
	}
}

// publicHost returns the host of an address, and whether it is public.
func publicHost(a netip.AddrPort) (netip.Addr, bool) {
	host := a.Addr().Unmap()
	return host, host.IsGlobalUnicast() && !host.IsPrivate()
}

// isNear reports whether a node with this ID would be among the nearest that have replied or may reply.
func (c *candidates) isNear(id ID) bool {
	n := 0
	for _, k := range c.all {
		if k.state != failed && k.ID != (ID{}) && c.compare(k.ID, id) < 0 {
			n++
		}
	}
	return n < nearest
}

func (c *candidates) insert(n *candidate) {
	i, _ := slices.BinarySearchFunc(c.all, n, func(a, b *candidate) int { return c.compare(a.ID, b.ID) })
	c.all = slices.Insert(c.all, i, n)
}

// compare compares the distances of two IDs to the target, by the XOR metric (BEP 5).
func (c *candidates) compare(a, b ID) int {
	if none := (ID{}); a == none || b == none {
		switch {
		case a == b:
			return 0
		case a == none:
			return -1
		}
		return 1
	}
	var x, y ID
	for i := range c.target {
		x[i], y[i] = a[i]^c.target[i], b[i]^c.target[i]
	}
	return bytes.Compare(x[:], y[:])
}

// next returns the nearest node to query; nil once the nearest ones that reply have. Late nodes do not count until
// they reply.
func (c *candidates) next() *candidate {
	counted := 0
	for _, n := range c.all {
		switch {
		case n.state == notQueried && !c.canQuery(n.Addr):
			n.state = failed // It was queried under another ID.
		case n.state == notQueried:
			return n
		case n.ID != ID{} && (n.state == replied && n.token != "" || n.state == queried):
			if counted++; counted == nearest {
				return nil
			}
		}
	}
	return nil
}

// hasLateNear reports whether a late node would be among the nearest ones.
func (c *candidates) hasLateNear() bool {
	answers := 0
	for _, n := range c.all {
		switch {
		case n.state == late:
			return true
		case n.state == replied && n.token != "":
			if answers++; answers == nearest {
				return false
			}
		}
	}
	return false
}

// recordReply records the reply of a node with the ID in the reply. It returns false if that is missing, or another
// node has it.
func (c *candidates) recordReply(n *candidate, r Reply) bool {
	if r.ID == (ID{}) {
		return false
	}
	if host, isPublic := publicHost(n.Addr); isPublic {
		c.answeredHosts[host] = true
	}
	if n.ID != r.ID {
		c.all = slices.DeleteFunc(c.all, func(o *candidate) bool { return o == n })
		n.ID = r.ID
		c.insert(n)
	}
	for _, o := range c.all {
		if o != n && o.ID == r.ID && o.state == replied {
			return false
		}
	}
	n.state = replied
	if len(r.Token) <= maxToken {
		n.token = r.Token
	}
	return true
}

// maxToken is the maximum length in bytes of a token that is sent back: they are short.
const maxToken = 64

// nearest returns the nodes nearest to the target that have replied, at most as many as store an item. Those that
// return no token store nothing, and do not count.
func (c *candidates) nearest() []*candidate {
	var near []*candidate
	for _, n := range c.all {
		if n.state == replied && n.token != "" && len(near) < nearest {
			near = append(near, n)
		}
	}
	return near
}

// Nearest returns the nodes that are nearest to a target, nearest first, to start a lookup with.
func Nearest(target ID, nodes []Node) []Node {
	c := candidates{target: target}
	sorted := slices.SortedFunc(slices.Values(nodes), func(a, b Node) int { return c.compare(a.ID, b.ID) })
	return sorted[:min(len(sorted), nearest)]
}
