package mutable

import (
	"bytes"
	"net/netip"
	"slices"
	"time"

	"wtptui/engine/pkarr"
)

// maxCandidates bounds how many nodes a look-up knows: liars name any number.
const maxCandidates = 256

// state is how far a look-up is with a node.
type state int

const (
	fresh    state = iota // not asked yet
	asked                 // asked, and not late
	late                  // asked, and late
	answered              // it has answered
	failed                // it has not, or nothing that makes sense
)

// candidate is a node that a look-up knows.
type candidate struct {
	Node

	state   state
	askedAt time.Time
	token   string
	item    pkarr.Item
}

// candidates are the nodes that a look-up knows, nearest first; those without an ID come first of all.
//
// What others say of a node is a claim: a liar names honest nodes by wrong IDs and ports. So an address may be claimed
// several times, and is asked once; and of a public host no more than two addresses are, and none once one has
// answered: one host must not be the whole DHT.
type candidates struct {
	target ID
	all    []*candidate
	// claims are how often an address was named.
	claims map[netip.AddrPort]int
	// known are the addresses that were asked; hosts counts them by public host, and heard are those that have answered.
	known map[netip.AddrPort]bool
	hosts map[netip.Addr]int
	heard map[netip.Addr]bool
}

const (
	maxClaims = 4
	maxOfHost = 2
)

func newCandidates(target ID) candidates {
	return candidates{
		target: target, claims: map[netip.AddrPort]int{}, known: map[netip.AddrPort]bool{},
		hosts: map[netip.Addr]int{}, heard: map[netip.Addr]bool{},
	}
}

// add makes a node known, unless it is already, or there are enough that are nearer.
func (c *candidates) add(n Node) {
	same := func(o *candidate) bool { return o.Node == n }
	switch {
	case !n.Addr.IsValid() || n.Addr.Port() == 0 || c.claims[n.Addr] >= maxClaims || !c.mayAsk(n.Addr):
		return
	case len(c.all) >= maxCandidates && (n.ID == ID{} || !c.isNear(n.ID)) || len(c.all) >= 4*maxCandidates:
		return
	case slices.ContainsFunc(c.all, same):
		return
	}
	c.claims[n.Addr]++
	c.insert(&candidate{Node: n})
}

// mayAsk reports whether an address may still be asked.
func (c *candidates) mayAsk(a netip.AddrPort) bool {
	host, isPublic := publicHost(a)
	return !c.known[a] && !(isPublic && (c.heard[host] || c.hosts[host] >= maxOfHost))
}

// asked notes that a node is asked now.
func (c *candidates) asked(n *candidate) {
	n.state, n.askedAt = asked, time.Now()
	c.known[n.Addr] = true
	if host, isPublic := publicHost(n.Addr); isPublic {
		c.hosts[host]++
	}
}

// publicHost returns the host of an address, and whether it is one of the public Internet.
func publicHost(a netip.AddrPort) (netip.Addr, bool) {
	host := a.Addr().Unmap()
	return host, host.IsGlobalUnicast() && !host.IsPrivate()
}

// isNear reports whether a node would be among those that have answered or may yet.
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

// compare says which of two IDs is nearer to the target, by the bits in which they differ from it (BEP 5).
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

// next returns the nearest node that is to be asked; nil once the nearest ones that answer have. Nodes that are late
// count for nothing until they answer.
func (c *candidates) next() *candidate {
	counted := 0
	for _, n := range c.all {
		switch {
		case n.state == fresh && !c.mayAsk(n.Addr):
			n.state = failed // It was asked under another ID.
		case n.state == fresh:
			return n
		case n.ID != ID{} && (n.state == answered && n.token != "" || n.state == asked):
			if counted++; counted == nearest {
				return nil
			}
		}
	}
	return nil
}

// awaits reports whether a node is late that would be among the nearest ones.
func (c *candidates) awaits() bool {
	answers := 0
	for _, n := range c.all {
		switch {
		case n.state == late:
			return true
		case n.state == answered && n.token != "":
			if answers++; answers == nearest {
				return false
			}
		}
	}
	return false
}

// answered notes the answer of a node, whose ID is the one that it gives itself. It is false if that is none, or if
// another node has it.
func (c *candidates) answered(n *candidate, r Reply) bool {
	if r.ID == (ID{}) {
		return false
	}
	if host, isPublic := publicHost(n.Addr); isPublic {
		c.heard[host] = true
	}
	if n.ID != r.ID {
		c.all = slices.DeleteFunc(c.all, func(o *candidate) bool { return o == n })
		n.ID = r.ID
		c.insert(n)
	}
	for _, o := range c.all {
		if o != n && o.ID == r.ID && o.state == answered {
			return false
		}
	}
	n.state = answered
	if len(r.Token) <= maxToken {
		n.token = r.Token
	}
	return true
}

// maxToken is the longest token that is sent back, in bytes: they are short.
const maxToken = 64

// nearest returns the nodes nearest to the target that have answered, at most as many as keep an item. Those that give
// no token keep nothing, and do not count.
func (c *candidates) nearest() []*candidate {
	var near []*candidate
	for _, n := range c.all {
		if n.state == answered && n.token != "" && len(near) < nearest {
			near = append(near, n)
		}
	}
	return near
}

// Nearest returns those of the nodes that are nearest to a target, nearest first, for a look-up to begin with.
func Nearest(target ID, nodes []Node) []Node {
	c := candidates{target: target}
	sorted := slices.SortedFunc(slices.Values(nodes), func(a, b Node) int { return c.compare(a.ID, b.ID) })
	return sorted[:min(len(sorted), nearest)]
}
