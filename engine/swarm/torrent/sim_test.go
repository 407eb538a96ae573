package torrent

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/netsim"
	"wtptui/engine/swarm/wire"
)

// visitors is how many come in TestFlashCrowd; a soak has 200.
var visitors = flag.Int("visitors", 30, "how many come at once in the simulated flash crowd")

// memory is data without a disk.
type memory struct {
	layout wire.Layout

	mu    sync.Mutex
	bytes []byte
	done  []bool
	tell  func(piece int)
}

func newMemory(s *site, whole bool) *memory {
	m := &memory{layout: s.layout, bytes: make([]byte, s.layout.Size), done: make([]bool, s.layout.Pieces)}
	if whole {
		copy(m.bytes, s.bytes)
		for i := range m.done {
			m.done[i] = true
		}
	}
	return m
}

var errNotHere = errors.New("not here")

// ReadAt, and what follows, implement Data.
func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := off / m.layout.PieceLength; i*m.layout.PieceLength < off+int64(len(p)); i++ {
		if !m.done[i] {
			return 0, errNotHere
		}
	}
	return copy(p, m.bytes[off:]), nil
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return copy(m.bytes[off:], p), nil
}

func (m *memory) CopyPiece(w io.Writer, piece int) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	off := int64(piece) * m.layout.PieceLength
	n, err := w.Write(m.bytes[off : off+m.layout.LengthOf(piece)])
	return int64(n), err
}

func (m *memory) Piece(piece int) (done, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done[piece], true
}

func (m *memory) Complete(piece int) {
	m.mu.Lock()
	m.done[piece] = true
	tell := m.tell
	m.mu.Unlock()
	if tell != nil {
		tell(piece)
	}
}

func (m *memory) Incomplete(piece int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done[piece] = false
}

// OnComplete has f called for each piece that becomes complete.
func (m *memory) OnComplete(f func(piece int)) { m.tell = f }

// simulated calls over a simulated network.
type simulated struct {
	host  *netsim.Host
	calls atomic.Int64
}

func (c *simulated) Meet(ctx context.Context, peer netip.AddrPort, ours wire.Handshake) (*wire.Conn, engine.Via, error) {
	c.calls.Add(1)
	conn, err := c.host.Dial(ctx, peer)
	if err != nil {
		return nil, engine.TCP, err
	}
	w, err := wire.Dial(ctx, conn, ours, false)
	return w, engine.TCP, err
}

// simPort is where simulated nodes listen.
const simPort = 6881

// newSimulated makes a node at a host.
func newSimulated(t testing.TB, h *netsim.Host, s *site, o options) *node {
	t.Helper()
	o.caller, o.port = &simulated{host: h}, simPort
	if o.data == nil {
		o.data = newMemory(s, o.whole)
	}
	n := newNode(t, s, o)
	l, err := h.Listen(simPort)
	if err != nil {
		t.Fatal(err)
	}
	n.addr = netip.AddrPortFrom(h.PublicAddr(), simPort)
	n.serve(t, l)
	return n
}

// simulate runs a test in virtual time, on a network of its own.
func simulate(t *testing.T, test func(t *testing.T, n *netsim.Net)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := netsim.New(1)
		t.Cleanup(n.Close)
		test(t, n)
	})
}

// line is a link without slow start, so that the ideal is easy to tell.
func line(rtt time.Duration, up, down int64) netsim.Link {
	return netsim.Link{Latency: rtt / 4, Up: up, Down: down, Window: 1 << 24}
}

// The first page of a site of which only the infohash is known takes four round trips and what its bytes take; of one that
// is known, three: whoever has a place free says so before it is asked.
func TestPageOverADistance(t *testing.T) {
	for _, rtt := range []time.Duration{30 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond} {
		for trips, magnet := range map[int]bool{3: false, 4: true} {
			t.Run(fmt.Sprint(trips, " trips of ", rtt), func(t *testing.T) {
				simulate(t, func(t *testing.T, n *netsim.Net) {
					const rate = 100e6
					s := newSite(t, 604_000, 16<<10, 3)
					seed := newSimulated(t, n.Host("seed", line(rtt, rate, rate)), s, options{whole: true})
					reader := newSimulated(t, n.Host("reader", line(rtt, rate, rate)), s, options{magnet: magnet})
					begin := time.Now()
					reader.given(seed.addr)
					reader.Want(all(s))
					<-reader.finished
					took, ideal := time.Since(begin), time.Duration(trips)*rtt+time.Duration(len(s.bytes))*time.Second/rate
					t.Logf("%v, %.2f of the ideal", took, took.Seconds()/ideal.Seconds())
					if took > ideal+ideal/20+5*time.Millisecond {
						t.Errorf("it took %v, ideal are %v", took, ideal)
					}
				})
			})
		}
	}
}

// all wants everything, in order, as a page does.
func all(s *site) (w Want) {
	for i := range s.layout.Pieces {
		w.Urgent = append(w.Urgent, i)
	}
	return w
}

// What somebody waits for comes soon, though the rest is being fetched over the same slow line.
func TestFarRangeOverASlowLine(t *testing.T) {
	for _, rate := range []int64{50_000, 1_000_000} {
		t.Run(fmt.Sprint(rate, " B per s"), func(t *testing.T) {
			simulate(t, func(t *testing.T, n *netsim.Net) {
				const rtt = 100 * time.Millisecond
				s := newSite(t, 24<<20, 128<<10, 4)
				seed := newSimulated(t, n.Host("seed", netsim.Link{Latency: rtt / 4, Up: rate}), s, options{whole: true})
				reader := newSimulated(t, n.Host("reader", netsim.Link{Latency: rtt / 4}), s, options{})
				reader.given(seed.addr)
				var ratios []float64
				for _, at := range []float64{0.93, 0.55, 0.78, 0.66, 0.87} {
					time.Sleep(3 * time.Second)
					piece := int(at * float64(s.layout.Pieces))
					for done := true; done; piece++ {
						done, _ = reader.data.Piece(piece + 1)
					}
					begin := time.Now()
					reader.Want(Want{Urgent: []int{piece}})
					<-reader.waiting(piece)
					reader.Want(Want{})
					ideal := rtt + time.Duration(s.layout.PieceLength)*time.Second/time.Duration(rate)
					ratios = append(ratios, time.Since(begin).Seconds()/ideal.Seconds())
				}
				slices.Sort(ratios)
				t.Logf("of the ideal: %.2f", ratios)
				// What the seed's own system holds of other blocks, up to twice what the line does, cannot be taken back.
				if ratios[len(ratios)/2] > 4 {
					t.Errorf("it takes %.2f of the ideal", ratios)
				}
			})
		})
	}
}

// One seed at home, and a crowd that comes within a minute: it helps itself.
func TestFlashCrowd(t *testing.T) {
	simulate(t, func(t *testing.T, n *netsim.Net) {
		s := newSite(t, 604_000, 16<<10, 5)
		seed := newSimulated(t, n.Host("seed", netsim.HomeServer()), s, options{whole: true})
		var wg sync.WaitGroup
		took := make([]time.Duration, *visitors)
		var met []netip.AddrPort // as a tracker would tell
		for i := range *visitors {
			time.Sleep(time.Minute / time.Duration(*visitors))
			v := newSimulated(t, n.Host(fmt.Sprint("visitor", i), netsim.Cable()), s, options{magnet: true})
			v.given(seed.addr)
			v.given(met[max(0, len(met)-20):]...)
			met = append(met, v.addr)
			v.Want(all(s))
			begin := time.Now()
			wg.Go(func() {
				<-v.finished
				took[i] = time.Since(begin)
			})
		}
		wg.Wait()
		slices.Sort(took)
		alone := time.Duration(len(s.bytes)) * time.Second / time.Duration(netsim.HomeServer().Up)
		t.Logf("median %v, slowest %v; alone it would take %v", took[len(took)/2], took[len(took)-1], alone)
		if took[len(took)/2] > 2*alone || took[len(took)-1] > 6*alone {
			t.Errorf("median %v, slowest %v", took[len(took)/2], took[len(took)-1])
		}
	})
}

// brokenMemory cannot be written to as long as it is broken.
type brokenMemory struct {
	*memory
	broken atomic.Bool
}

func (m *brokenMemory) WriteAt(p []byte, off int64) (int, error) {
	if m.broken.Load() {
		return 0, errBroken
	}
	return m.memory.WriteAt(p, off)
}
