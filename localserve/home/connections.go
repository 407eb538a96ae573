package home

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"
)

// bounds limits how many of something there are at once, in all and by address.
type bounds struct {
	most, mostOfOne int

	mu   sync.Mutex
	all  int
	from map[netip.Prefix]int
}

func newBounds(most, mostOfOne int) *bounds {
	return &bounds{most: most, mostOfOne: mostOfOne, from: map[netip.Prefix]int{}}
}

// network is what counts as one address: a person has all of an IPv6 network of 64 bits.
func network(address string) netip.Prefix {
	from, err := netip.ParseAddrPort(address)
	if err != nil {
		return netip.Prefix{}
	}
	ip := from.Addr().Unmap()
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.WithZone("").Prefix(bits) // The bits fit.
	return p
}

func (c *bounds) take(from netip.Prefix) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= c.most || c.from[from] >= c.mostOfOne {
		return false
	}
	c.all++
	c.from[from]++
	return true
}

func (c *bounds) give(from netip.Prefix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.from[from]--; c.from[from] == 0 {
		delete(c.from, from)
	}
}

// listener gives the connections of ln that are not too many; those are closed.
func (c *bounds) listener(ln net.Listener) net.Listener { return boundedListener{ln, c} }

type boundedListener struct {
	net.Listener
	conns *bounds
}

// Accept implements net.Listener.
func (l boundedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := network(c.RemoteAddr().String())
		if l.conns.take(from) {
			return &boundedConn{Conn: c, gone: sync.OnceFunc(func() { l.conns.give(from) })}, nil
		}
		_ = c.Close() // Nothing was read.
	}
}

// boundedConn gives its place back when it is closed, or earlier.
type boundedConn struct {
	net.Conn
	gone func() // gives the place back, once
}

// Close implements net.Conn.
func (c *boundedConn) Close() error {
	defer c.gone()
	return c.Conn.Close()
}

// CloseWrite tells the client that nothing more comes: net/http uses it so that the last answer is not lost.
func (c *boundedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// uplink is what all visitors share.
type uplink struct {
	ctx     context.Context // ends every wait
	limiter *rate.Limiter
	// messages is for WebSockets, and comes on top: what is said there is short, and would be too late behind the films of
	// a hundred visitors.
	messages *rate.Limiter
}

// messagesPart is which part of the limit WebSockets have on top of it.
const messagesPart = 8

// portion is how much is sent at once while there is a limit, in bytes: visitors take turns with it.
const portion = 16 << 10

func newUplink(ctx context.Context, limit int64) *uplink {
	u := &uplink{ctx: ctx, limiter: rate.NewLimiter(rate.Inf, portion), messages: rate.NewLimiter(rate.Inf, portion)}
	u.set(limit)
	return u
}

func (u *uplink) set(limit int64) {
	if limit <= 0 {
		u.limiter.SetLimit(rate.Inf)
		u.messages.SetLimit(rate.Inf)
		return
	}
	u.limiter.SetLimit(rate.Limit(limit))
	u.messages.SetLimit(rate.Limit(limit) / messagesPart)
}

// listener gives connections that send no faster than the uplink lets them.
func (u *uplink) listener(ln net.Listener) net.Listener { return sharedListener{ln, u} }

type sharedListener struct {
	net.Listener
	uplink *uplink
}

// Accept implements net.Listener.
func (l sharedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.uplink.conn(c), nil
}

func (u *uplink) conn(c net.Conn) *sharedConn {
	ctx, end := context.WithCancel(u.ctx)
	return &sharedConn{Conn: c, ctx: ctx, end: end, uplink: u, limiter: u.limiter}
}

// sharedConn waits for its turn before it writes.
type sharedConn struct {
	net.Conn
	ctx     context.Context // ends with the connection, and its wait too
	end     context.CancelFunc
	uplink  *uplink
	limiter *rate.Limiter // one of the uplink's
}

// Write implements io.Writer.
func (c *sharedConn) Write(p []byte) (n int, err error) {
	for len(p) > 0 && c.limiter.Limit() != rate.Inf {
		part := p[:min(len(p), portion)]
		if err := c.limiter.WaitN(c.ctx, len(part)); err != nil {
			return n, err
		}
		m, err := c.Conn.Write(part)
		if n += m; err != nil {
			return n, err
		}
		p = p[len(part):]
	}
	if len(p) == 0 {
		return n, nil
	}
	m, err := c.Conn.Write(p)
	return n + m, err
}

// Close implements net.Conn.
func (c *sharedConn) Close() error {
	c.end()
	return c.Conn.Close()
}

// NetConn returns the connection that is written to.
func (c *sharedConn) NetConn() net.Conn { return c.Conn }

// CloseWrite passes on what net/http asks for.
func (c *sharedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
