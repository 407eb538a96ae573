package netsim

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
)

// TestConn runs the standard tests of a net.Conn. They start their own goroutines, so they run in real time.
func TestConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		n := New(1)
		c1, c2 = connect(t, n.Host("a", Link{}), n.Host("b", Link{}))
		return c1, c2, n.Close, nil
	})
}

func pair(t *testing.T, n *Net) (a, b *Host, c, d net.Conn) {
	a, b = n.Host("a", Link{Up: 1e6, Latency: 10 * ms}), n.Host("b", Link{Latency: 10 * ms})
	c, d = connect(t, a, b)
	return a, b, c, d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestDeadlines(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		_, _, c, d := pair(t, n)
		start := time.Now()
		must(t, c.SetDeadline(start.Add(3*time.Second)))
		_, err := c.Read(make([]byte, 1))
		expectNear(t, "a read", time.Since(start), 3*time.Second, 0)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read after its deadline: %v", err)
		}
		_, err = c.Write(make([]byte, 10e6))
		if time.Since(start) != 3*time.Second || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write after its deadline: %v", err)
		}
		must(t, c.SetWriteDeadline(start.Add(5*time.Second)))
		k, err := c.Write(make([]byte, 10e6))
		if time.Since(start) != 5*time.Second || !errors.Is(err, os.ErrDeadlineExceeded) || k == 0 || k > 2e6 {
			t.Errorf("Write of much = %d, %v after %v", k, err, time.Since(start))
		}
		// A deadline that is put off while somebody waits.
		must(t, c.SetReadDeadline(time.Now().Add(time.Second)))
		time.AfterFunc(ms, func() { must(t, c.SetReadDeadline(time.Now().Add(time.Minute))) })
		time.AfterFunc(2*ms, func() { must(t, c.SetReadDeadline(time.Now().Add(2*time.Second))) })
		start = time.Now()
		_, err = c.Read(make([]byte, 1))
		expectNear(t, "a read", time.Since(start), 2002*ms, 0)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read after its deadline: %v", err)
		}
		must(t, c.SetDeadline(time.Time{}))
		go write(t, d, "x")
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseDelivers(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		a, b, c, d := pair(t, n)
		want := bytes.Repeat([]byte("0123456789"), 20000)
		start := time.Now()
		go func() {
			write(t, c, string(want))
			c.Close()
			if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Write after Close: %v", err)
			}
			if err := c.Close(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Close after Close: %v", err)
			}
		}()
		got, err := io.ReadAll(d)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("read %d bytes, %v", len(got), err)
		}
		expectNear(t, "reading all", time.Since(start), 320*ms, 0.2)
		// The other side is closed: the first write is answered with a reset, the next fails.
		if _, err := d.Write([]byte("x")); err != nil {
			t.Errorf("first Write: %v", err)
		}
		time.Sleep(50 * ms)
		if _, err := d.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("second Write: %v", err)
		}
		d.Close()
		if got := a.Stats(); got.Dialed != 1 || got.Out != 200001 || got.In != 0 {
			t.Errorf("a has %+v", got)
		}
		if got := b.Stats(); got.Accepted != 1 || got.In != 200001 || got.Out != 1 {
			t.Errorf("b has %+v", got)
		}
	})
}

func TestCloseWithUnreadDataResets(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		_, _, c, d := pair(t, n)
		write(t, d, "x")
		write(t, c, "y")
		time.Sleep(time.Second)
		start := time.Now()
		c.Close()
		buf := make([]byte, 2)
		if k, err := d.Read(buf); k != 1 || err != nil {
			t.Errorf("what came before the reset: %d, %v", k, err)
		}
		_, err := d.Read(buf)
		expectNear(t, "a reset", time.Since(start), 20*ms, 0)
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Read of what was reset: %v", err)
		}
	})
}

func TestCloseWriteKeepsReading(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		_, _, c, d := pair(t, n)
		write(t, c, "question")
		must(t, c.(interface{ CloseWrite() error }).CloseWrite())
		if got, err := io.ReadAll(d); string(got) != "question" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		write(t, d, "answer")
		d.Close()
		if got, err := io.ReadAll(c); string(got) != "answer" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestDownHostSendsNothing(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		a, b, c, d := pair(t, n)
		b.Down()
		start := time.Now()
		must(t, d.SetReadDeadline(start.Add(time.Hour)))
		must(t, c.SetDeadline(start.Add(5*time.Minute)))
		write(t, c, "x")
		_, err := c.Read(make([]byte, 1))
		expectNear(t, "silence", time.Since(start), 5*time.Minute, 0)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read from a host that is down: %v", err)
		}
		b.Up()
		// What was sent is sent again, at last every two minutes, and then there is nobody who knows it.
		must(t, c.SetDeadline(time.Time{}))
		start = time.Now()
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Read from a host that was down: %v", err)
		}
		if took := time.Since(start); took > 3*time.Minute {
			t.Errorf("it was reset after %v", took)
		}
		if _, err := d.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Read on the host that was down: %v", err)
		}
		connect(t, a, b)
	})
}

func TestUnansweredConnectionTimesOut(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		_, b, c, _ := pair(t, n)
		b.Down()
		start := time.Now()
		write(t, c, "x")
		_, err := c.Read(make([]byte, 1))
		if took := time.Since(start); !errors.Is(err, syscall.ETIMEDOUT) || took < 15*time.Minute || took > 18*time.Minute {
			t.Errorf("Read = %v after %v", err, took)
		}
	})
}

func TestOutageIsSurvived(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		_, b, c, d := pair(t, n)
		link := b.Link()
		time.AfterFunc(time.Second, func() { b.SetLink(Link{Loss: 1}) })
		time.AfterFunc(4*time.Second, func() { b.SetLink(link) })
		took := transfer(t, c, d, 10e6)
		if took < 13*time.Second || took > 17*time.Second {
			t.Errorf("10 s of sending with an outage of 3 s took %v", took)
		}
	})
}

func TestHostCloseResets(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		_, b, c, d := pair(t, n)
		l := listen(t, b)
		go func() {
			if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Accept on a closed host: %v", err)
			}
		}()
		synctest.Wait()
		start := time.Now()
		b.Close()
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Read from a closed host: %v", err)
		}
		expectNear(t, "a reset", time.Since(start), 20*ms, 0)
		if _, err := d.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read on a closed host: %v", err)
		}
		if _, err := b.Dial(t.Context(), publicAddr(b)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Dial on a closed host: %v", err)
		}
		if _, err := b.Listen(0); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Listen on a closed host: %v", err)
		}
	})
}
