package webtorrent

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for what has to come, on a machine that is busy with other things.
const patience = 2 * time.Minute

var testInfohash = [20]byte{
	0, 1, 2, 0x7f, 0x80, 0xff, '"', '\\', '<', 10, 'i', 'n', 'f', 'o', 'h', 'a', 's', 'h', '.', '.',
}

func peerID(name string) (id [20]byte) {
	copy(id[:], "-WP0001-............")
	copy(id[8:], name)
	return id
}

// shortTimes are short enough to wait for.
func shortTimes() *times {
	q := *defaultTimes()
	q.minInterval, q.silentInterval, q.minGap = 50*time.Millisecond, 200*time.Millisecond, 10*time.Millisecond
	q.minBackoff, q.maxBackoff = 20*time.Millisecond, 200*time.Millisecond
	q.linger = 50 * time.Millisecond
	q.lost = time.Hour // What ends a connection here is not silence, which a busy machine has as well.
	return &q
}

func newTestClient(t testing.TB, name string, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{PeerID: peerID(name), Reserved: [8]byte{0, 0, 0, 0, 0, 0x10, 0, 5}, times: shortTimes()}
	if change != nil {
		change(&cfg)
	}
	c := New(cfg)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// newSpec returns a torrent that needs n peers. n may be changed.
func newSpec(n int64, trackers ...string) (Spec, *atomic.Int64) {
	want := new(atomic.Int64)
	want.Store(n)
	s := Spec{
		Infohash: testInfohash,
		Want:     func() int { return int(want.Load()) },
		Stats: func() (int64, int64, int64) {
			if want.Load() == 0 {
				return 5, 6, 0
			}
			return 5, 6, 7
		},
	}
	for _, url := range trackers {
		s.Trackers = append(s.Trackers, Tracker{URL: url, Trusted: true})
	}
	return s, want
}

// accept waits for a connection and, like a torrent client, sends the handshake.
func accept(t testing.TB, c *Client) *Conn {
	t.Helper()
	got := make(chan net.Conn, 1)
	go func() {
		conn, err := c.Accept()
		if err == nil {
			got <- conn
		}
	}()
	select {
	case nc := <-got:
		conn := nc.(*Conn)
		exchangeTestHandshakes(t, c, conn)
		return conn
	case <-time.After(patience):
		t.Fatalf("no connection: %+v", c.Status())
		return nil
	}
}

func exchangeTestHandshakes(t testing.TB, c *Client, conn *Conn) {
	t.Helper()
	var theirs handshake
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, theirs[:]); err != nil {
		t.Fatal(err)
	}
	if theirs.infohash() != conn.Infohash() || theirs.peerID() != conn.RemoteAddr().(Addr).PeerID {
		t.Errorf("handshake of %x about %x", theirs.peerID(), theirs.infohash())
	}
	ours := newHandshake(c.cfg.Reserved, conn.Infohash(), c.cfg.PeerID)
	for _, part := range [][]byte{ours[:20], ours[20:28], ours[28:]} { // in parts, as the torrent library does
		if n, err := conn.Write(part); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
}

// connect returns both ends of a connection of two clients that meet at a tracker. The first has made the offer.
func connect(t testing.TB) (offered, answered *Conn) {
	t.Helper()
	tr := newTestTracker(t)
	a, b := newTestClient(t, "a", nil), newTestClient(t, "b", nil)
	complete, _ := newSpec(0, tr.url)
	a.Add(complete)
	tr.expect(t, "the seed", func(m trackerRequest) bool { return m.Event == started })
	wanting, _ := newSpec(1, tr.url)
	b.Add(wanting)
	return accept(t, b), accept(t, a)
}

// eventually waits for a state that follows from what has happened already.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("timeout: %s", what)
		}
	}
}
