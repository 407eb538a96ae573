package netsim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	synTimeout = time.Second     // doubled with each attempt
	synTries   = 7               // as Linux: after two minutes
	backlogMax = 512             // connections that wait to be accepted
	holeOpen   = 2 * time.Minute // how long a NAT lets answers in
)

// dialing is an attempt to connect.
type dialing struct {
	host   *Host
	to     netip.AddrPort
	number uint64
	port   uint16
	random *rand.Rand
	tries  int
	sentAt int64 // the SYN that is on its way
	done   chan struct{}
	ended  bool
	conn   *conn
	err    error
}

// Dial connects to a listener. It returns ECONNREFUSED after a round trip if there is none, and ctx's error if nothing
// answers.
func (h *Host) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, dialError(to, err)
	}
	n := h.net
	d := &dialing{host: h, to: netip.AddrPortFrom(to.Addr().Unmap(), to.Port()), done: make(chan struct{})}
	n.mu.Lock()
	if h.closed || n.closed {
		n.mu.Unlock()
		return nil, dialError(to, fmt.Errorf("netsim: host %s is closed: %w", h.name, net.ErrClosed))
	}
	h.dialing = append(h.dialing, d)
	n.change(d)
	n.mu.Unlock()

	select {
	case <-d.done:
	case <-ctx.Done():
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	d.finish(nil, ctx.Err())
	if d.err != nil {
		return nil, dialError(to, d.err)
	}
	return d.conn, nil
}

func dialError(to netip.AddrPort, err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		err = os.NewSyscallError("connect", errno)
	}
	return &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: err}
}

// finish ends the attempt with the first result.
func (d *dialing) finish(c *conn, err error) {
	if d.ended {
		return
	}
	d.ended, d.conn, d.err = true, c, err
	close(d.done)
	d.host.dialing = slices.DeleteFunc(d.host.dialing, func(other *dialing) bool { return other == d })
}

// rank orders attempts by their destination: those of one host to the same are all the same.
func (d *dialing) rank() [3]uint64 {
	a := d.to.Addr().As16()
	low := uint64(0)
	for _, b := range a[8:] {
		low = low<<8 | uint64(b)
	}
	return [3]uint64{1, d.host.id, low<<16 | uint64(d.to.Port())}
}

func (d *dialing) apply() {
	if d.ended {
		return
	}
	h := d.host
	h.dials++
	d.number = h.dials
	d.port = h.edge().freePort()
	d.random = h.net.random(h.id<<32|d.number, 2)
	d.send()
}

// send sends a SYN, and repeats it until there is a result.
func (d *dialing) send() {
	if d.ended {
		return
	}
	n, h := d.host.net, d.host
	if d.tries == synTries {
		d.finish(nil, syscall.ETIMEDOUT)
		return
	}
	d.sentAt = n.now
	n.call(n.now+int64(synTimeout)<<d.tries, d.send)
	d.tries++
	to := h.hostAt(d.to.Addr())
	if h.isOff || to == nil {
		return
	}
	if inside := to.forwards(d.to.Port()); inside != nil && to.listeners[d.to.Port()] == nil {
		to = inside.host
	}
	h.nat.recordSYN(to, n.now)
	r := h.routeTo(to)
	if d.isLost(&r) {
		return
	}
	n.call(n.now+r.up.backlog()+d.delay(&r), func() {
		n.call(n.now+r.down.backlog(), func() { d.arrive(to) })
	})
}

// isLost draws whether the SYN or its answer is lost.
func (d *dialing) isLost(r *route) bool {
	return r.loss > 0 && d.random.Float64() >= (1-r.loss)*(1-r.loss)
}

func (d *dialing) delay(r *route) int64 {
	if r.jitter == 0 {
		return r.latency
	}
	return r.latency + d.random.Int64N(r.jitter+1)
}

// arrive handles the SYN at the destination host.
func (d *dialing) arrive(to *Host) {
	n, l := d.host.net, to.listeners[d.to.Port()]
	if d.ended {
		return
	}
	if to.isOff || !to.nat.allows(d.host) || l != nil && len(l.waiting) >= backlogMax {
		return
	}
	r := to.routeTo(d.host)
	back := n.now + r.up.backlog() + d.delay(&r)
	if l == nil {
		n.call(back, func() { d.finish(nil, syscall.ECONNREFUSED) })
		return
	}
	sentAt, received := d.sentAt, n.now
	n.call(back, func() {
		n.call(n.now+r.down.backlog(), func() { d.establish(l, to, sentAt, received) })
	})
}

// establish handles the answer to the SYN.
func (d *dialing) establish(l *listener, to *Host, sentAt, received int64) {
	h := d.host
	n := h.net
	// An earlier answer may have come already.
	if d.ended || h.isOff {
		return
	}
	dialer, accepter := n.newPair(h, to, h.id<<32|d.number)
	dialer.local = address(h.addr, d.port)
	dialer.remote = address(d.to.Addr(), d.to.Port())
	accepter.local = address(to.addr, l.port)
	accepter.remote = address(h.seenBy(to), d.port)
	dialer.out.congestion.rtt = n.now - sentAt
	accepter.out.congestion.rtt = n.now - sentAt
	h.conns.add(dialer)
	h.stats.Dialed++
	d.finish(dialer, nil)
	r := dialer.out.route()
	dialer.out.lastArrive = n.now + r.up.backlog() + r.latency
	n.call(dialer.out.lastArrive, func() {
		if to.isOff {
			accepter.forgotten = true
			return
		}
		to.conns.add(accepter)
		if l.closed {
			accepter.abort()
			return
		}
		to.stats.Accepted++
		l.waiting = append(l.waiting, accepter)
		l.cond.Broadcast()
	})
}

func address(a netip.Addr, port uint16) *net.TCPAddr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(a, port))
}

// seenBy returns the address that another host sees.
func (h *Host) seenBy(other *Host) netip.Addr {
	if h.edge() == other.edge() {
		return h.addr
	}
	return h.edge().addr
}

type listener struct {
	host    *Host
	port    uint16
	cond    sync.Cond
	waiting []*conn
	closed  bool
}

// Listen accepts connections at a port; at any free one if port is 0.
func (h *Host) Listen(port uint16) (net.Listener, error) {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	port, err := h.bind("tcp", port, h.listeners[port] != nil)
	if err != nil {
		return nil, err
	}
	l := &listener{host: h, port: port}
	l.cond.L = &h.net.mu
	h.listeners[port] = l
	return l, nil
}

// forwards returns the listener behind a router that connections to its port lead to: that of the host that was added
// first, if several listen at the same.
func (h *Host) forwards(port uint16) *listener {
	for _, inside := range h.homeHosts {
		if l := inside.listeners[port]; l != nil {
			return l
		}
	}
	return nil
}

func (l *listener) Addr() net.Addr { return address(l.host.addr, l.port) }

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	l.host.net.mu.Lock()
	defer l.host.net.mu.Unlock()
	for len(l.waiting) == 0 {
		if l.closed {
			return nil, l.fault("accept")
		}
		l.cond.Wait()
	}
	c := l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1)
	return c, nil
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.host.net.mu.Lock()
	defer l.host.net.mu.Unlock()
	if l.closed {
		return l.fault("close")
	}
	l.shut()
	return nil
}

func (l *listener) fault(op string) error {
	return &net.OpError{Op: op, Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
}

func (l *listener) shut() {
	l.closed = true
	delete(l.host.listeners, l.port)
	for _, c := range l.waiting {
		c.abort()
	}
	l.waiting = nil
	l.cond.Broadcast()
}
