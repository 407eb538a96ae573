package localserve

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// pipeListener is a net.Listener whose connections are in memory, as testing/synctest requires.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeListener() *pipeListener { return &pipeListener{make(chan net.Conn), make(chan struct{})} }

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error {
	close(p.closed)
	return nil
}

func (p *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7780} }

func (p *pipeListener) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// startPiped starts a server with default timeouts. It must be called in a synctest bubble.
func startPiped(t *testing.T, o *memoryOpener) (*pipeListener, *Server) {
	t.Helper()
	return startPipedConfig(t, Config{Opener: o})
}

func startPipedConfig(t *testing.T, cfg Config) (*pipeListener, *Server) {
	t.Helper()
	p := newPipeListener()
	srv := New(cfg)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(p) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return p, srv
}

func (p *pipeListener) get(t *testing.T, target string, headers ...string) (reply, time.Duration) {
	t.Helper()
	return p.getFrom(t, label, target, headers...)
}

func (p *pipeListener) getFrom(t *testing.T, label, target string, headers ...string) (reply, time.Duration) {
	t.Helper()
	began := time.Now()
	conn := p.dial()
	defer conn.Close()
	p.sendTo(t, conn, label, target, headers...)
	return readReply(t, bufio.NewReader(conn), "GET"), time.Since(began)
}

func (p *pipeListener) send(t *testing.T, conn net.Conn, target string, headers ...string) {
	t.Helper()
	p.sendTo(t, conn, label, target, headers...)
}

func (p *pipeListener) sendTo(t *testing.T, conn net.Conn, label, target string, headers ...string) {
	t.Helper()
	text := strings.ReplaceAll(requestText("GET", label, target, headers...), "PORT", "7780")
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// waitForContext waits until the request gives up, like Opener.Open.
func waitForContext(ctx context.Context) error {
	<-ctx.Done()
	return &engine.Error{
		Op: "script: open", Kind: engine.NotReady, Msg: "Looking for peers: none found yet.", Err: ctx.Err(),
	}
}

func delay(d time.Duration) func(context.Context) error {
	ready := make(chan struct{})
	time.AfterFunc(d, func() { close(ready) })
	return func(ctx context.Context) error {
		select {
		case <-ready:
			return nil
		case <-ctx.Done():
			return waitForContext(ctx)
		}
	}
}

func openerOf(m *memorySite) *memoryOpener {
	return &memoryOpener{Sites: map[string]engine.Content{domain: m}}
}

func holdAt(path string, at int64) (*memorySite, chan struct{}) {
	free := make(chan struct{})
	return &memorySite{
		Files: map[string]string{"index.html": "<p>" + digits, "d.bin": digits, "404.html": "lost", "other.txt": "other"},
		Hold:  map[string]map[int64]chan struct{}{path: {at: free}},
	}, free
}
