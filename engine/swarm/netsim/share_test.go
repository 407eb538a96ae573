package netsim

import (
	"io"
	"math"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// sendForever writes until the connection fails.
func sendForever(c net.Conn) {
	p := make([]byte, 16<<10)
	for {
		if _, err := c.Write(p); err != nil {
			return
		}
	}
}

// sharingTest is a number of transfers at once between a host and others.
type sharingTest struct {
	hub, leaf Link
	up        bool // the hub sends
	rate      float64
	flows     int
	tolerance float64
}

// startFlows starts the transfers and returns how many bytes each has carried.
func (test sharingTest) startFlows(t *testing.T, n *Net, hub *Host) []atomic.Int64 {
	t.Helper()
	counts := make([]atomic.Int64, test.flows)
	for i := range test.flows {
		leaf := n.Host("leaf", test.leaf)
		out, in := connect(t, hub, leaf)
		if !test.up {
			out, in = in, out
		}
		go sendForever(out)
		go func() {
			p := make([]byte, 16<<10)
			for {
				k, err := in.Read(p)
				counts[i].Add(int64(k))
				if err != nil {
					return
				}
			}
		}()
	}
	return counts
}

// measureShares returns the bytes of each transfer in a minute, after ten seconds, and their sum.
func measureShares(counts []atomic.Int64) (shares []float64, total float64) {
	time.Sleep(10 * time.Second)
	shares = make([]float64, len(counts))
	for i := range counts {
		shares[i] = -float64(counts[i].Load())
	}
	time.Sleep(time.Minute)
	for i := range counts {
		shares[i] += float64(counts[i].Load())
		total += shares[i]
	}
	return shares, total
}

// TestSharing runs transfers at once, and compares their bytes in a minute, after ten seconds.
func TestSharing(t *testing.T) {
	far := Link{Latency: 20 * ms}
	for name, test := range map[string]sharingTest{
		"uplink of two":           {Link{Up: 1e6, Latency: 10 * ms}, far, true, 1e6, 2, 0.05},
		"uplink of twenty":        {Link{Up: 1e6, Latency: 10 * ms}, far, true, 1e6, 20, 0.05},
		"slow uplink of five":     {Link{Up: 50e3, Latency: 10 * ms}, far, true, 50e3, 5, 0.1},
		"downlink of two":         {Link{Down: 1e6, Latency: 10 * ms}, far, false, 1e6, 2, 0.25},
		"downlink of twenty":      {Link{Down: 2e6, Latency: 10 * ms}, far, false, 2e6, 20, 0.35},
		"downlink, short queue":   {Link{Down: 5e6, Latency: 10 * ms, Queue: 20 * ms}, far, false, 5e6, 5, 0.35},
		"downlink, with uplinks":  {Link{Down: 2e6, Latency: 10 * ms}, Link{Up: 1e6, Latency: 20 * ms}, false, 2e6, 10, 0.35},
		"uplink, with jitter":     {Link{Up: 1e6, Latency: 10 * ms, Jitter: 30 * ms}, far, true, 1e6, 3, 0.05},
		"uplink, with some lossy": {Link{Up: 500e3, Latency: 10 * ms, Loss: 0.001}, far, true, 500e3, 3, 0.25},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && test.rate > 1e6 {
				t.Skip("much is simulated")
			}
			simulate(t, func(t *testing.T, n *Net) {
				hub := n.Host("hub", test.hub)
				shares, total := measureShares(test.startFlows(t, n, hub))
				if got := total / 60 / test.rate; got < 0.95 || got > 1.01 {
					t.Errorf("all took %.3f of the rate", got)
				}
				for i := range shares {
					share := shares[i] / total * float64(test.flows)
					if share < 1-test.tolerance || share > 1+test.tolerance {
						t.Errorf("transfer %d took %.3f of its share", i, share)
					}
				}
				hub.Close()
			})
		})
	}
}

func TestReaderThatStopsStopsTheSender(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		out, in := connect(t, n.Host("a", Link{Latency: 10 * ms}), n.Host("b", Link{Down: 1e6, Latency: 10 * ms}))
		var written atomic.Int64
		go func() {
			p := make([]byte, 1000)
			for {
				k, err := out.Write(p)
				written.Add(int64(k))
				if err != nil {
					return
				}
			}
		}()
		time.Sleep(time.Minute)
		stopped := written.Load()
		if stopped < 256<<10 || stopped > 2<<20 {
			t.Errorf("%d bytes were written to a reader that does not read", stopped)
		}
		time.Sleep(time.Minute)
		if more := written.Load() - stopped; more != 0 {
			t.Errorf("%d bytes more were written a minute later", more)
		}
		// Reading all that is there makes room for as much, and so on at the rate of the link.
		start := time.Now()
		if _, err := io.CopyN(io.Discard, in, 50e6); err != nil {
			t.Error(err)
		}
		expectNear(t, "reading on", time.Since(start), 50*time.Second, 0.05)
		out.Close()
		in.Close()
	})
}

func TestLossLowersThroughput(t *testing.T) {
	for _, loss := range []float64{0.001, 0.01, 0.03} {
		if testing.Short() && loss < 0.01 {
			continue
		}
		simulate(t, func(t *testing.T, n *Net) {
			a, b := n.Host("a", Link{Up: 2e6, Latency: 25 * ms}), n.Host("b", Link{Latency: 25 * ms, Loss: loss})
			out, in := connect(t, a, b)
			go sendForever(out)
			go transferAll(in)
			time.Sleep(time.Minute)
			before := b.Stats().In
			time.Sleep(10 * time.Minute)
			got := float64(b.Stats().In-before) / 600
			// On such ways CUBIC is as Reno (RFC 9438, section 4.3): MSS / RTT × √(1.5 / p).
			want := 1460 / 0.1 * math.Sqrt(1.5/loss)
			t.Logf("at a loss of %g: %.0f kB/s, in theory %.0f", loss, got/1000, want/1000)
			if got < want*0.75 || got > want*1.25 {
				t.Errorf("at a loss of %g the rate is %.0f B/s, want %.0f ± 25 %%", loss, got, want)
			}
			a.Close()
		})
	}
}

func TestSaturatedUplinkDelays(t *testing.T) {
	for _, queue := range []time.Duration{0, 50 * ms, 500 * ms} {
		simulate(t, func(t *testing.T, n *Net) {
			a, b := n.Host("a", Link{Up: 1e6, Queue: queue}), n.Host("b", Link{Latency: 20 * ms})
			bulk, sink := connect(t, a, b)
			go sendForever(bulk)
			go transferAll(sink)
			c, d := connect(t, a, n.Host("c", Link{Latency: 20 * ms}))
			time.Sleep(20 * time.Second)
			start := time.Now()
			write(t, c, "x")
			if _, err := d.Read(make([]byte, 1)); err != nil {
				t.Error(err)
			}
			if queue == 0 {
				queue = 250 * ms
			}
			expectNear(t, "a byte beside a bulk transfer", time.Since(start), queue+20*ms, 0.1)
			a.Close()
		})
	}
}
