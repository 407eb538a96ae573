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

	state state
	asked time.Time
	token string
	item  pkarr.Item
}

// candidates are the nodes that a look-up knows, nearest first; those without an ID come first of all.
type candidates struct {
	target ID
	all    []*candidate
	seen   map[netip.AddrPort]bool
	// hosts are the public addresses that have a node: one of them has as many as it likes, and would be the whole DHT.
	hosts map[netip.Addr]bool
}

func newCandidates(target ID) candidates {
	return candidates{target: target, seen: map[netip.AddrPort]bool{}, hosts: map[netip.Addr]bool{}}
}

// add makes a node known, unless it is already, or there are too many that are nearer.
func (c *candidates) add(n Node) {
	host := n.Addr.Addr().Unmap()
	isPublic := host.IsGlobalUnicast() && !host.IsPrivate()
	if !n.Addr.IsValid() || n.Addr.Port() == 0 || c.seen[n.Addr] || isPublic && c.hosts[host] {
		return
	}
	if len(c.seen) >= maxCandidates && (n.ID == ID{} || !c.isNear(n.ID)) || len(c.seen) >= 4*maxCandidates {
		return
	}
	c.seen[n.Addr] = true
	c.hosts[host] = true
	c.insert(&candidate{Node: n})
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
		case n.state == fresh:
			return n
		case n.ID != ID{} && (n.state == answered || n.state == asked):
			if counted++; counted == nearest {
				return nil
			}
		}
	}
	return nil
}

// answered notes the answer of a node. It is false if the node is not the one that others have named, or if another one
// has its ID.
func (c *candidates) answered(n *candidate, r Reply) bool {
	if r.ID == (ID{}) || n.ID != (ID{}) && n.ID != r.ID {
		return false
	}
	if n.ID == (ID{}) {
		c.all = slices.DeleteFunc(c.all, func(o *candidate) bool { return o == n })
		n.ID = r.ID
		c.insert(n)
	}
	for _, o := range c.all {
		if o != n && o.ID == r.ID && o.state == answered {
			return false
		}
	}
	n.state, n.token = answered, r.Token
	return true
}

// nearest returns the nodes nearest to the target that have answered, at most as many as keep an item.
func (c *candidates) nearest() []*candidate {
	var near []*candidate
	for _, n := range c.all {
		if n.state == answered && n.ID != (ID{}) && len(near) < nearest {
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
