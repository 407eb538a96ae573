package netsim

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const port = 6881

// simulate runs a test in virtual time, with a network that is closed at its end.
func simulate(t *testing.T, test func(t *testing.T, n *Net)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		defer n.Close()
		test(t, n)
	})
}

func listen(t testing.TB, h *Host) net.Listener {
	t.Helper()
	l, err := h.Listen(port)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// publicAddr returns the address where a host listens.
func publicAddr(h *Host) netip.AddrPort { return netip.AddrPortFrom(h.PublicAddr(), port) }

// connect connects two hosts.
func connect(t testing.TB, from, to *Host) (dialed, accepted net.Conn) {
	t.Helper()
	l, err := to.Listen(port)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialed, err = from.Dial(t.Context(), publicAddr(to))
	if err != nil {
		t.Fatal(err)
	}
	accepted, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return dialed, accepted
}

// write writes a text, which must succeed.
func write(t testing.TB, c io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Errorf("Write: %v", err)
	}
}

// expectNear fails the test if a duration differs from the expected one by more than a share of it.
func expectNear(t testing.TB, what string, got, want time.Duration, tolerance float64) {
	t.Helper()
	if diff := (got - want).Abs(); diff > time.Duration(float64(want)*tolerance)+time.Microsecond {
		t.Errorf("%s took %v, want %v ± %.1f %%", what, got, want, tolerance*100)
	}
}

const ms = time.Millisecond

func TestDialTakesARoundTrip(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		a, b := n.Host("a", Link{Latency: 30 * ms}), n.Host("b", Link{Latency: 20 * ms})
		l := listen(t, b)
		start := time.Now()
		go func() {
			c, err := l.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			expectNear(t, "accepting", time.Since(start), 150*ms, 0)
			if got := c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr(); got != a.Addr() {
				t.Errorf("accepted from %s, want %s", got, a.Addr())
			}
			time.Sleep(time.Second)
			start = time.Now()
			write(t, c, "x")
			c.Close()
		}()
		c, err := a.Dial(t.Context(), publicAddr(b))
		if err != nil {
			t.Fatal(err)
		}
		expectNear(t, "dialing", time.Since(start), 100*ms, 0)
		if got := c.RemoteAddr().String(); got != publicAddr(b).String() {
			t.Errorf("dialed %s, want %s", got, publicAddr(b))
		}
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		expectNear(t, "a byte", time.Since(start), 50*ms, 0)
		if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("Read after the other side's Close = %d, %v; want EOF", n, err)
		}
		c.Close()
	})
}

func TestDialFails(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		a, b := n.Host("a", Link{Latency: 30 * ms}), n.Host("b", Link{Latency: 20 * ms})
		start := time.Now()
		_, err := a.Dial(t.Context(), publicAddr(b))
		expectNear(t, "being refused", time.Since(start), 100*ms, 0)
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dialing a port without a listener: %v, want it refused", err)
		}
		nobody := netip.MustParseAddrPort("1.200.1.1:80")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start = time.Now()
		_, err = a.Dial(ctx, nobody)
		expectNear(t, "giving up", time.Since(start), 5*time.Second, 0)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dialing nobody: %v, want the context's error", err)
		}
		start = time.Now()
		_, err = a.Dial(t.Context(), nobody)
		expectNear(t, "giving up", time.Since(start), 127*time.Second, 0)
		if !errors.Is(err, syscall.ETIMEDOUT) {
			t.Errorf("dialing nobody: %v, want ETIMEDOUT", err)
		}
	})
}

// transfer sends bytes and returns how long they took from the first Write to the last Read.
func transfer(t testing.TB, from, to net.Conn, size int) time.Duration {
	t.Helper()
	start := time.Now()
	done := make(chan time.Duration)
	go func() {
		defer close(done)
		if _, err := io.CopyN(io.Discard, to, int64(size)); err != nil {
			t.Errorf("receiving: %v", err)
		}
		done <- time.Since(start)
	}()
	p := make([]byte, 16<<10)
	for left := size; left > 0; left -= min(left, len(p)) {
		if _, err := from.Write(p[:min(left, len(p))]); err != nil {
			t.Errorf("sending: %v", err)
			break
		}
	}
	return <-done
}

func TestTransferTime(t *testing.T) {
	for name, test := range map[string]struct {
		from, to Link
		size     int
		rate     float64
		tol      float64
	}{
		"uplink":      {Link{Up: 1e6, Latency: 25 * ms}, Link{Latency: 25 * ms}, 20e6, 1e6, 0.05},
		"downlink":    {Link{Latency: 25 * ms}, Link{Down: 1e6, Latency: 25 * ms}, 20e6, 1e6, 0.05},
		"both":        {Link{Up: 1e6, Latency: 25 * ms}, Link{Down: 1e6, Latency: 25 * ms}, 20e6, 1e6, 0.05},
		"slow":        {Link{Up: 50e3, Latency: 25 * ms}, Link{Down: 5e6, Latency: 25 * ms}, 1e6, 50e3, 0.05},
		"fast":        {Link{Up: 125e6, Latency: 5 * ms}, Link{Down: 125e6, Latency: 5 * ms}, 500e6, 125e6, 0.05},
		"long fat":    {Link{Up: 25e6, Latency: 50 * ms}, Link{Latency: 0}, 96 << 20, 25e6, 0.17},
		"long fat in": {Link{Latency: 50 * ms}, Link{Down: 25e6}, 96 << 20, 25e6, 0.25},
		"satellite":   {Link{Up: 10e6, Latency: 25 * ms}, Link{Down: 2.5e6, Latency: 300 * ms}, 50e6, 2.5e6, 0.25},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && test.size > 50e6 {
				t.Skip("much is simulated")
			}
			simulate(t, func(t *testing.T, n *Net) {
				from, to := connect(t, n.Host("a", test.from), n.Host("b", test.to))
				defer from.Close()
				defer to.Close()
				took := transfer(t, from, to, test.size)
				want := time.Duration(float64(test.size)/test.rate*1e9) + test.from.Latency + test.to.Latency
				expectNear(t, "a transfer", took, want, test.tol)
			})
		})
	}
}

// TestSlowStart sends a page over a long distance. Parts of 14.6, 29, 58, 117, 234 and the rest of 604 kB take six
// latencies and the five ways back between them.
func TestSlowStart(t *testing.T) {
	for window, want := range map[int64]time.Duration{0: 550 * ms, 1 << 20: 50 * ms} {
		simulate(t, func(t *testing.T, n *Net) {
			l := Link{Latency: 25 * ms, Window: window}
			from, to := connect(t, n.Host("a", l), n.Host("b", l))
			expectNear(t, "a page", transfer(t, from, to, 604e3), want, 0.01)
			time.Sleep(time.Minute)
			expectNear(t, "a page after a minute", transfer(t, from, to, 604e3), want, 0.01)
		})
	}
}

func TestBytesArriveAsSent(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		l := Link{Up: 1e6, Down: 900e3, Latency: 25 * ms, Jitter: 20 * ms, Loss: 0.01}
		from, to := connect(t, n.Host("a", l), n.Host("b", l))
		const size = 3e6
		go func() {
			r := rand.New(rand.NewPCG(1, 2))
			sent := rand.New(rand.NewPCG(3, 4))
			for left := int(size); left > 0; {
				p := make([]byte, min(left, 1+r.IntN(40000)))
				for i := range p {
					p[i] = byte(sent.Uint32())
				}
				if _, err := from.Write(p); err != nil {
					t.Error(err)
				}
				left -= len(p)
			}
			from.Close()
		}()
		want := rand.New(rand.NewPCG(3, 4))
		got, err := io.ReadAll(to)
		if err != nil || len(got) != size {
			t.Fatalf("read %d bytes, %v", len(got), err)
		}
		for i, b := range got {
			if b != byte(want.Uint32()) {
				t.Fatalf("byte %d is another", i)
			}
		}
		to.Close()
	})
}
