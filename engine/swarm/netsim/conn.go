package netsim

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// conn is one end of a connection.
type conn struct {
	net           *Net
	host          *Host
	peer          *conn
	id, side      uint64
	local, remote *net.TCPAddr
	out           flow
	slot          int // in host.conns, -1 if it is not there

	closed    bool // by the program
	forgotten bool // unknown to the host: nothing is sent any more, and what comes is answered with a reset
	failure   syscall.Errno
	changed   bool // it is in Net.changed
	aborted   bool // by Close: what was not sent yet is not

	readable, writable sync.Cond
	writing            bool // by one Write; others wait
	wanted             int  // how many bytes a Write waits to write
	readBy, writeBy    deadline
}

// newPair creates a connection between two hosts, neither of which knows it yet.
func (n *Net) newPair(from, to *Host, id uint64) (dialer, accepter *conn) {
	pair := [2]*conn{}
	for side, h := range []*Host{from, to} {
		c := &conn{net: n, host: h, id: id, side: uint64(side), slot: -1}
		c.readable.L, c.writable.L = &n.mu, &n.mu
		c.readBy.init(n, &c.readable)
		c.writeBy.init(n, &c.writable)
		pair[side] = c
	}
	dialer, accepter = pair[0], pair[1]
	dialer.peer, accepter.peer = accepter, dialer
	dialer.out.init(n, dialer, accepter)
	accepter.out.init(n, accepter, dialer)
	return dialer, accepter
}

func (c *conn) in() *flow { return &c.peer.out }

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) fault(op string, err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		err = os.NewSyscallError(op, errno)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	in := c.in()
	for {
		switch {
		case c.closed:
			return 0, c.fault("read", net.ErrClosed)
		case c.readBy.passed():
			return 0, c.fault("read", os.ErrDeadlineExceeded)
		case len(p) == 0:
			return 0, nil
		case in.available() > 0:
			p = p[:min(int64(len(p)), in.available())]
			in.bytes.pop(c.net, p)
			in.read += int64(len(p))
			if in.worthTelling() {
				c.change()
			}
			return len(p), nil
		case in.finished():
			return 0, io.EOF
		case c.failure != 0:
			return 0, c.fault("read", c.failure)
		}
		c.readable.Wait()
	}
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	for c.writing {
		c.writable.Wait()
	}
	c.writing = true
	defer func() {
		c.writing = false
		c.writable.Broadcast()
	}()
	done := 0
	for {
		switch {
		case c.closed || c.out.closing:
			return done, c.fault("write", net.ErrClosed)
		case c.writeBy.passed():
			return done, c.fault("write", os.ErrDeadlineExceeded)
		case c.failure != 0:
			return done, c.fault("write", c.failure)
		case done == len(p):
			return done, nil
		}
		room := c.out.freeSpace(len(p) - done)
		if room == 0 {
			c.wanted = len(p) - done
			c.writable.Wait()
			c.wanted = 0
			continue
		}
		part := p[done : done+int(min(room, int64(len(p)-done)))]
		if !c.peer.closed {
			c.out.bytes.push(c.net, part)
		}
		c.out.written += int64(len(part))
		done += len(part)
		c.change()
	}
}

// Close implements net.Conn. What was written still arrives, unless something was received and not read: then the
// connection is reset, as TCP does it.
func (c *conn) Close() error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return c.fault("close", net.ErrClosed)
	}
	c.closed = true
	c.out.closing = true
	c.aborted = c.in().available() > 0
	c.in().bytes.drop(c.net)
	c.wake()
	c.change()
	return nil
}

// CloseWrite tells the other side that nothing more will be written, as that of net.TCPConn.
func (c *conn) CloseWrite() error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed || c.failure != 0 {
		return c.fault("close", net.ErrClosed)
	}
	c.out.closing = true
	c.writable.Broadcast()
	c.change()
	return nil
}

func (c *conn) wake() {
	c.readable.Broadcast()
	c.writable.Broadcast()
}

func (c *conn) change() {
	if !c.changed {
		c.changed = true
		c.net.change(c)
	}
}

func (c *conn) rank() [3]uint64 { return [3]uint64{2, c.id, c.side} }

func (c *conn) apply() {
	c.changed = false
	switch {
	case c.forgotten:
	case c.aborted:
		c.abort()
	default:
		c.in().reopen()
		c.out.sendReady()
		c.removeIfEnded()
	}
}

// forget makes the host forget the connection.
func (c *conn) forget() {
	if c.forgotten {
		return
	}
	c.forgotten = true
	c.host.conns.remove(c)
	if c.out.inFlight > 0 {
		c.out.addInFlight(-c.out.inFlight)
	}
	for _, s := range c.out.lost {
		c.net.free(s)
	}
	c.out.lost = nil
}

// removeIfEnded removes a connection that has ended on both sides.
func (c *conn) removeIfEnded() {
	if c.closed && c.out.acked > c.out.written && c.in().finished() {
		c.forget()
	}
}

// fail ends a connection with an error on this host.
func (c *conn) fail(err syscall.Errno) {
	c.forget()
	if c.failure == 0 {
		c.failure = err
	}
	c.wake()
}

// abort forgets the connection and tells the other side.
func (c *conn) abort() {
	if !c.forgotten {
		c.forget()
		c.reset()
	}
}

// reset tells the other side that the connection is unknown here. It does not overtake what was sent before.
func (c *conn) reset() {
	if c.host.isOff {
		return
	}
	out, n := &c.out, c.net
	r := out.route()
	n.call(max(out.lastArrive, n.now+r.up.backlog()+r.latency), func() {
		n.call(n.now+r.down.backlog(), func() {
			if !c.peer.forgotten && !c.peer.host.isOff {
				c.peer.fail(syscall.ECONNRESET)
			}
		})
	})
}

// deadline is a time after which reads or writes fail.
type deadline struct {
	net     *Net
	cond    *sync.Cond
	at      int64 // 0 is none
	pending int64 // when the next event for it is, 0 if there is none
	fired   func()
}

func (d *deadline) init(n *Net, cond *sync.Cond) { d.net, d.cond = n, cond }

func (d *deadline) passed() bool { return d.at != 0 && d.net.clock() >= d.at }

func (d *deadline) set(t time.Time) {
	d.at = 0
	if !t.IsZero() {
		d.at = max(1, int64(t.Sub(d.net.start)))
	}
	d.cond.Broadcast()
	d.schedule()
}

// schedule schedules an event for the deadline. An earlier event will schedule it itself.
func (d *deadline) schedule() {
	if d.at == 0 || d.pending != 0 && d.pending <= d.at {
		return
	}
	if d.fired == nil {
		d.fired = d.fire
	}
	d.pending = d.at
	d.net.call(d.at, d.fired)
}

func (d *deadline) fire() {
	if d.net.now < d.pending {
		return
	}
	d.pending = 0
	if d.at > d.net.now {
		d.schedule()
		return
	}
	d.cond.Broadcast()
}

// SetDeadline implements net.Conn.
func (c *conn) SetDeadline(t time.Time) error { return c.setDeadlines(t, &c.readBy, &c.writeBy) }

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error { return c.setDeadlines(t, &c.readBy) }

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(t time.Time) error { return c.setDeadlines(t, &c.writeBy) }

func (c *conn) setDeadlines(t time.Time, deadlines ...*deadline) error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return c.fault("set deadline", net.ErrClosed)
	}
	for _, d := range deadlines {
		d.set(t)
	}
	return nil
}
