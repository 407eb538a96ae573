package tracker

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Dial connects this process's own engine without a network: its announces are tracked as those of a peer on this
// machine. The connection supports HTTP and WebSocket, without TLS, under any name. After Close, it fails with
// net.ErrClosed.
func (t *Tracker) Dial(ctx context.Context) (net.Conn, error) { return t.ownListener.dial(ctx) }

func (t *Tracker) ownServer() *http.Server {
	return &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !t.Handles(r) {
				http.NotFound(w, r)
				return
			}
			t.Serve(w, r, Source{own: true})
		}),
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          slog.NewLogLogger(t.cfg.Log.Handler(), slog.LevelDebug),
	}
}

// pipeListener is a listener whose connections are made by dial.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	close sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *pipeListener) Close() error {
	l.close.Do(func() { close(l.done) })
	return nil
}

// Addr implements net.Listener.
func (l *pipeListener) Addr() net.Addr { return memoryAddr{} }

// memoryAddr is the address of a connection in memory.
type memoryAddr struct{}

// Network implements net.Addr.
func (memoryAddr) Network() string { return "memory" }

// String implements net.Addr.
func (memoryAddr) String() string { return "memory" }
