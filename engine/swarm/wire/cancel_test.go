package wire

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"
)

// stalling is a connection that returns "left" bytes. The next Read waits until it is closed.
type stalling struct {
	net.Conn
	left   int
	once   sync.Once
	closed chan struct{}
}

func newStalling(c net.Conn, left int) *stalling {
	return &stalling{Conn: c, left: left, closed: make(chan struct{})}
}

func (s *stalling) Read(p []byte) (int, error) {
	if s.left == 0 {
		<-s.closed
		return 0, net.ErrClosed
	}
	n, err := s.Conn.Read(p[:min(len(p), s.left)])
	s.left -= n
	return n, err
}

func (s *stalling) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.Conn.Close()
}

var errGivenUp = errors.New("given up")

// TestCancelDuringHandshake: when its context ends, a handshake ends at once at any stage, and leaves nothing behind.
func TestCancelDuringHandshake(t *testing.T) {
	dial := func(obfuscate bool) func(context.Context, net.Conn) (*Conn, error) {
		return func(ctx context.Context, c net.Conn) (*Conn, error) { return Dial(ctx, c, caller, obfuscate) }
	}
	accept := func(ctx context.Context, c net.Conn) (*Conn, error) { return Accept(ctx, c, acceptOptions(callee)) }
	for name, tt := range map[string]struct {
		ours, theirs func(context.Context, net.Conn) (*Conn, error)
		upTo         int // bytes that are heard
	}{
		"dial":             {dial(false), accept, helloSize},
		"dial obfuscated":  {dial(true), accept, 170},
		"accept":           {accept, dial(false), helloSize},
		"accept, then MSE": {accept, dial(true), 220},
	} {
		for _, n := range []int{0, 1, 19, 20, 47, 48, 67, 95, 96, 97, 120, 150, 169, 200, 219} {
			if n < tt.upTo {
				synctest.Test(t, func(t *testing.T) { cancelAfter(t, name, n, tt.ours, tt.theirs) })
			}
		}
		synctest.Test(t, func(t *testing.T) {
			theirs := func(context.Context, net.Conn) (*Conn, error) { return nil, nil }
			cancelAfter(t, name+", without an answer", 0, tt.ours, theirs)
		})
	}
}

// cancelAfter cancels a handshake after n bytes have been read. The bubble fails at its end if a goroutine is left.
func cancelAfter(t *testing.T, name string, n int, ours, theirs func(context.Context, net.Conn) (*Conn, error)) {
	a, b := net.Pipe()
	s := newStalling(a, n)
	ctx, cancel := context.WithCancelCause(t.Context())
	others, end := context.WithCancel(t.Context())
	stop := context.AfterFunc(others, func() { _ = b.Close() })
	defer stop()
	done := false
	go func() {
		c, err := ours(ctx, s)
		if c != nil || !errors.Is(err, errGivenUp) {
			t.Errorf("%s, %d bytes: %v, %v", name, n, c, err)
		}
		done = true
	}()
	go func() { _, _ = theirs(others, b) }()
	synctest.Wait()
	if done {
		t.Errorf("%s, %d bytes: it did not wait", name, n)
	}
	cancel(errGivenUp)
	synctest.Wait()
	if !done {
		t.Errorf("%s, %d bytes: it waits", name, n)
	}
	select {
	case <-s.closed:
	default:
		t.Errorf("%s, %d bytes: the connection is open", name, n)
	}
	end()
	synctest.Wait()
}

// TestCancelBeforeHandshake: a context that ended before the handshake closes the connection as well.
func TestCancelBeforeHandshake(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errGivenUp)
	for range 50 {
		a, b := net.Pipe()
		c, err := Dial(ctx, a, caller, false)
		if c != nil || !errors.Is(err, errGivenUp) {
			t.Fatal(c, err)
		}
		if _, err := b.Read(make([]byte, 100)); err == nil {
			t.Error("something was said")
		}
	}
}
