package localserve

import (
	"context"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wtptui/engine/enginetest"
	"wtptui/localserve/files/filestest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	memoryOpener = filestest.Opener
	memorySite   = filestest.Site
)

// testServer is a server on a real port, with methods to make requests.
type testServer struct {
	t    testing.TB
	addr string // 127.0.0.1:port
	port string
	srv  *Server
}

const (
	hash   = "0123456789abcdef0123456789abcdef01234567"
	domain = "docs.example.org"
	label  = "docs-example-org"
)

// startServer starts a server. It is closed, with its connections, when the test ends.
func startServer(t testing.TB, cfg Config) *testServer {
	t.Helper()
	ln, err := Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	srv := New(cfg)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := enginetest.Receive(t, served, "Serve to return"); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return &testServer{t: t, addr: ln.Addr().String(), port: port, srv: srv}
}
