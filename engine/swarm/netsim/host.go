package netsim

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// Host is a machine in the network.
type Host struct {
	net       *Net
	name      string
	id        uint64
	addr      netip.Addr
	router    *Host   // nil for a host with an address of its own
	homeHosts []*Host // those behind this one

	link     Link
	up, down pipe
	loop     pipe // inside the machine: unlimited
	asleep   bool
	closed   bool
	isOff    bool // it or its router is asleep or closed

	port      uint16 // the next one to try if any will do
	dials     uint64 // counts those begun
	listeners map[uint16]*listener
	sockets   map[uint16]*packetConn
	dialing   []*dialing
	conns     conns
	forgotten []*conn // those that died when the host was put to sleep
	nat       natState
	stats     Stats
}

// Stats counts what a host has sent and received so far: bytes of TCP connections and of UDP packets, retransmissions
// included, and connections.
type Stats struct {
	Out, In          int64
	Resent           int64
	Dialed, Accepted int
}

// Name returns the name that the host was added with.
func (h *Host) Name() string { return h.name }

// Addr returns the host's address: the private one if it is behind a router.
func (h *Host) Addr() netip.Addr { return h.addr }

// PublicAddr returns the address at which the rest of the network sees the host.
func (h *Host) PublicAddr() netip.Addr { return h.edge().addr }

// Stats returns what the host has sent and received.
func (h *Host) Stats() Stats {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	return h.stats
}

// Link returns the host's link.
func (h *Host) Link() Link {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	return h.link
}

// SetLink changes the host's link. What is in flight arrives as before. A Loss of 1 is an outage, after which
// connections continue.
func (h *Host) SetLink(l Link) {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.setLink(l)
}

func (h *Host) setLink(l Link) {
	h.link = l
	h.up.set(l.Up, l.Queue)
	h.down.set(l.Down, l.Queue)
	h.net.links++
}

// Down puts the host, and those behind it, to sleep: it sends nothing and answers nothing. Its connections end without
// notice. Its listeners stay.
func (h *Host) Down() {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.sleep()
	for _, behind := range h.homeHosts {
		behind.sleep()
	}
}

func (h *Host) sleep() {
	h.asleep = true
	h.updatePower()
	for len(h.conns) > 0 {
		c := h.conns[0]
		c.forget()
		h.forgotten = append(h.forgotten, c)
	}
	h.nat = natState{host: h}
}

// Up wakes a host. Its earlier connections fail at once on its side, and on the other side when something is sent over
// them.
func (h *Host) Up() {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.wake()
	for _, behind := range h.homeHosts {
		behind.wake()
	}
}

func (h *Host) wake() {
	h.asleep = false
	h.updatePower()
	for _, c := range h.forgotten {
		c.fail(syscall.ECONNRESET)
	}
	h.forgotten = nil
}

// Close removes the host from the network. Its connections are reset, its listeners closed.
func (h *Host) Close() {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.closeLocked()
}

func (h *Host) closeLocked() {
	if h.closed {
		return
	}
	for _, c := range h.forgotten {
		c.closed = true
		c.wake()
	}
	// In this order: a host that is closed sends no resets, and listeners are in no order.
	for len(h.conns) > 0 {
		c := h.conns[0]
		c.closed = true
		c.abort()
		c.wake()
	}
	h.closed = true
	h.updatePower()
	for len(h.dialing) > 0 {
		h.dialing[0].finish(nil, net.ErrClosed)
	}
	for _, l := range h.listeners {
		l.shut()
	}
	for _, s := range h.sockets {
		s.shut()
	}
}

// edge returns the host with the public address: h or its router.
func (h *Host) edge() *Host {
	if h.router != nil {
		return h.router
	}
	return h
}

// updatePower notes that the host or its router was put to sleep, woken or closed.
func (h *Host) updatePower() {
	h.isOff = h.closed || h.asleep || h.edge().asleep || h.edge().closed
	for _, behind := range h.homeHosts {
		behind.updatePower()
	}
}

// hostAt returns the host that packets from h to an address reach; nil if none. A router does not forward packets for
// its public address into its home network.
func (h *Host) hostAt(a netip.Addr) *Host {
	if a == h.addr || a.IsLoopback() {
		return h
	}
	edge := h.edge()
	for _, neighbour := range edge.homeHosts {
		if a == neighbour.addr {
			return neighbour
		}
	}
	return h.net.public[a]
}

// freePort returns a port that is not in use by a listener or a socket.
func (h *Host) freePort() uint16 {
	for {
		h.port++
		if h.port < 49152 {
			h.port = 49152
		}
		if h.listeners[h.port] == nil && h.sockets[h.port] == nil {
			return h.port
		}
	}
}

// conns is a set of connections, each of which knows its place in it.
type conns []*conn

func (s *conns) add(c *conn) {
	c.slot = len(*s)
	*s = append(*s, c)
}

func (s *conns) remove(c *conn) {
	if c.slot < 0 {
		return
	}
	last := len(*s) - 1
	(*s)[c.slot] = (*s)[last]
	(*s)[c.slot].slot = c.slot
	(*s)[last] = nil
	*s = (*s)[:last]
	c.slot = -1
}

// bind returns the port to listen on, and an error if it is taken.
func (h *Host) bind(network string, port uint16, taken bool) (uint16, error) {
	if h.closed {
		return 0, &net.OpError{
			Op: "listen", Net: network, Err: fmt.Errorf("netsim: host %s is closed: %w", h.name, net.ErrClosed),
		}
	}
	if port == 0 {
		return h.freePort(), nil
	}
	if taken {
		addr := net.TCPAddrFromAddrPort(netip.AddrPortFrom(h.addr, port))
		return 0, &net.OpError{Op: "listen", Net: network, Addr: addr, Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	return port, nil
}
