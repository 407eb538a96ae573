package resolve

import (
	"net"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// network is a proxy to a server. It can stop forwarding its present connections, as when a laptop wakes up elsewhere;
// new ones work.
type network struct {
	dead atomic.Pointer[chan struct{}] // closed when the connections that there are carry no more
}

func newNetwork(t *testing.T, to string) (n *network, address string) {
	t.Helper()
	n = &network{}
	n.renew()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var open []net.Conn // of the goroutine that accepts
	ended := make(chan struct{})
	t.Cleanup(func() {
		_ = ln.Close()
		enginetest.Receive(t, ended, "the end of the listener")
		for _, c := range open {
			_ = c.Close()
		}
		wg.Wait()
	})
	go func() {
		defer close(ended)
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				t.Error(err)
				return
			}
			dead := *n.dead.Load()
			wg.Go(func() { carry(server, client, dead) })
			wg.Go(func() { carry(client, server, dead) })
			open = append(open, client, server)
		}
	}()
	return n, ln.Addr().String()
}

func (n *network) renew() {
	ch := make(chan struct{})
	n.dead.Store(&ch)
}

func (n *network) move() {
	old := *n.dead.Load()
	n.renew()
	close(old)
}

// carry copies until its source ends, and discards everything once the connection is dead.
func carry(to, from net.Conn, dead <-chan struct{}) {
	defer to.Close()
	buf := make([]byte, 4096)
	for {
		k, err := from.Read(buf)
		select {
		case <-dead:
			k = 0
		default:
		}
		if _, werr := to.Write(buf[:k]); err != nil || werr != nil {
			return
		}
	}
}

// A connection without an answer is closed after a timeout, and the next query uses a new one.
func TestDeadConnectionIsClosed(t *testing.T) {
	d := &doh{}
	server := httptest.NewUnstartedServer(d.handler(t, zone(key("60", hashA))))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	way, address := newNetwork(t, server.Listener.Addr().String())
	r, clock := newResolver(t, Config{Servers: []string{"https://" + address}, HTTPClient: server.Client()})
	if _, err := r.Resolve(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	way.move()
	clock.advance(2 * time.Minute)
	r.client.timeout = 500 * time.Millisecond
	if a, err := r.Resolve(t.Context(), host); err == nil && !a.Stale {
		t.Fatalf("answered over a dead connection: %+v", a)
	}
	r.background.Wait() // The server is asked for the root, too.
	clock.advance(2 * time.Minute)
	r.client.timeout = time.Minute
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Stale {
		t.Errorf("the dead connection was asked again: %+v, %v", a, err)
	}
}
