package home

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"wtptui/localserve/places"

	"golang.org/x/time/rate"
)

// bounded returns the connections of ln that are not too many; those are closed.
func bounded(ln net.Listener, conns *places.Bounds) net.Listener { return boundedListener{ln, conns} }

type boundedListener struct {
	net.Listener
	conns *places.Bounds
}

// Accept implements net.Listener.
func (l boundedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := networkOf(c.RemoteAddr().String())
		if l.conns.Take(from, 1) {
			return &boundedConn{Conn: c, gone: sync.OnceFunc(func() { l.conns.Give(from, 1) })}, nil
		}
		_ = c.Close() // Nothing was read.
	}
}

// networkOf is the network of an address with a port; the zero Addr if there is no such thing.
func networkOf(address string) netip.Addr {
	from, err := netip.ParseAddrPort(address)
	if err != nil {
		return netip.Addr{}
	}
	return places.Network(from.Addr())
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

// listener returns connections that send no faster than the uplink lets them.
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
