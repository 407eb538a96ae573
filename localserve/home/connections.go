package home

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"wtptui/localserve/limits"

	"golang.org/x/time/rate"
)

// limitConnections returns a listener that closes connections of ln above the limits.
func limitConnections(ln net.Listener, conns *limits.NetworkLimiter) net.Listener {
	return boundedListener{ln, conns}
}

type boundedListener struct {
	net.Listener
	conns *limits.NetworkLimiter
}

// Accept implements net.Listener.
func (l boundedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := networkOf(c.RemoteAddr().String())
		if l.conns.Acquire(from, 1) {
			return &boundedConn{Conn: c, releasePlace: sync.OnceFunc(func() { l.conns.Release(from, 1) })}, nil
		}
		_ = c.Close() // Nothing was read.
	}
}

// networkOf returns the network of an address with a port; the zero Addr for any other string.
func networkOf(address string) netip.Addr {
	from, err := netip.ParseAddrPort(address)
	if err != nil {
		return netip.Addr{}
	}
	return limits.Network(from.Addr())
}

// boundedConn releases its place when it is closed, or earlier.
type boundedConn struct {
	net.Conn
	releasePlace func() // releases the place, once
}

// Close implements net.Conn.
func (c *boundedConn) Close() error {
	defer c.releasePlace()
	return c.Conn.Close()
}

// CloseWrite closes the write side: net/http uses it so that the last response is not lost.
func (c *boundedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// uplink limits how much all visitors together are sent.
type uplink struct {
	ctx     context.Context // ends every wait
	limiter *rate.Limiter
	// messages is a separate limit for WebSockets: their messages are short, and would be too late behind the videos
	// of many visitors.
	messages *rate.Limiter
}

// messagesDivisor is by what the limit is divided for the additional one of WebSockets.
const messagesDivisor = 8

// maxWrite is how much is sent at a time while there is a limit, in bytes: the connections take turns.
const maxWrite = 16 << 10

func newUplink(ctx context.Context, limit int64) *uplink {
	u := &uplink{ctx: ctx, limiter: rate.NewLimiter(rate.Inf, maxWrite), messages: rate.NewLimiter(rate.Inf, maxWrite)}
	u.setLimit(limit)
	return u
}

func (u *uplink) setLimit(limit int64) {
	if limit <= 0 {
		u.limiter.SetLimit(rate.Inf)
		u.messages.SetLimit(rate.Inf)
		return
	}
	u.limiter.SetLimit(rate.Limit(limit))
	u.messages.SetLimit(rate.Limit(limit) / messagesDivisor)
}

// listener returns a listener whose connections are subject to the uplink's limit.
func (u *uplink) listener(ln net.Listener) net.Listener { return limitedListener{ln, u} }

type limitedListener struct {
	net.Listener
	uplink *uplink
}

// Accept implements net.Listener.
func (l limitedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.uplink.conn(c), nil
}

func (u *uplink) conn(c net.Conn) *limitedConn {
	ctx, end := context.WithCancel(u.ctx)
	return &limitedConn{Conn: c, ctx: ctx, cancel: end, uplink: u, limiter: u.limiter}
}

// limitedConn waits for the limiter before it writes.
type limitedConn struct {
	net.Conn
	ctx     context.Context // ends with the connection, and its wait too
	cancel  context.CancelFunc
	uplink  *uplink
	limiter *rate.Limiter // one of the uplink's
}

// Write implements io.Writer.
func (c *limitedConn) Write(p []byte) (n int, err error) {
	for len(p) > 0 && c.limiter.Limit() != rate.Inf {
		part := p[:min(len(p), maxWrite)]
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
func (c *limitedConn) Close() error {
	c.cancel()
	return c.Conn.Close()
}

// NetConn returns the underlying connection.
func (c *limitedConn) NetConn() net.Conn { return c.Conn }

// CloseWrite closes the write side, which net/http uses.
func (c *limitedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
