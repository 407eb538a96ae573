package enginetest

import (
	"context"
	"net"
	"sync"
	"testing"
)

// PipeListener is a listener in this process. It accepts the connections of Dial without a network.
type PipeListener struct {
	accepted chan net.Conn
	closed   chan struct{}
	close    sync.Once
}

// NewPipeListener returns a listener that is closed when the test ends.
func NewPipeListener(t testing.TB) *PipeListener {
	p := &PipeListener{accepted: make(chan net.Conn), closed: make(chan struct{})}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// Dial connects to the listener. The remote address is a loopback address.
func (p *PipeListener) Dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.accepted <- theirs:
		return loopbackConn{ours}, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (p *PipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *PipeListener) Close() error {
	p.close.Do(func() { close(p.closed) })
	return nil
}

// Addr implements net.Listener.
func (p *PipeListener) Addr() net.Addr { return loopback }

var loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}

type loopbackConn struct{ net.Conn }

func (loopbackConn) RemoteAddr() net.Addr { return loopback }
