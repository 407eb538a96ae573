package torrent

import (
	"net"
	"sync"
	"testing"
	"time"
)

// distance is a TCP proxy in this process that adds round-trip time, and bounds the rate towards the caller, before it
// reaches the target.
type distance struct {
	addr   string
	target string
	rtt    time.Duration
	rate   int64 // bytes/s towards the caller; 0 is no bound
}

// newDistance serves until the test ends.
func newDistance(t testing.TB, target string, rtt time.Duration, rate int64) *distance {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &distance{addr: l.Addr().String(), target: target, rtt: rtt, rate: rate}
	var wg sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]struct{}{}
	closed := false
	keep := func(c net.Conn) bool {
		mu.Lock()
		defer mu.Unlock()
		if closed {
			return false
		}
		open[c] = struct{}{}
		return true
	}
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		closed = true
		for c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { d.serve(c, keep, &wg) })
		}
	})
	return d
}

func (d *distance) serve(c net.Conn, keep func(net.Conn) bool, wg *sync.WaitGroup) {
	defer c.Close()
	// The caller's connection is there at once; what it says first arrives a round trip and a half later, as if it had
	// been made over the distance.
	begin := time.Now()
	up, err := net.Dial("tcp", d.target)
	if err != nil || !keep(c) || !keep(up) {
		return
	}
	defer up.Close()
	var both sync.WaitGroup
	both.Go(func() { forwardDelayed(c, up, d.rtt/2, begin.Add(d.rtt), 0) })
	both.Go(func() { forwardDelayed(up, c, d.rtt/2, begin, d.rate) })
	both.Wait()
}

// parcel is bytes on their way.
type parcel struct {
	due  time.Time
	data []byte
}

// forwardDelayed carries bytes in one direction; nothing leaves before begin.
func forwardDelayed(from, to net.Conn, delay time.Duration, begin time.Time, rate int64) {
	way := make(chan parcel, 1<<14)
	var wg sync.WaitGroup
	wg.Go(func() {
		var free time.Time
		for p := range way {
			if p.due.After(free) {
				free = p.due
			}
			if rate > 0 {
				free = free.Add(time.Duration(float64(len(p.data)) / float64(rate) * float64(time.Second)))
			}
			time.Sleep(time.Until(free))
			if _, err := to.Write(p.data); err != nil {
				_ = from.Close()
			}
		}
		if c, ok := to.(*net.TCPConn); ok {
			_ = c.CloseWrite()
		}
	})
	size := 64 << 10
	if rate > 0 {
		size = 4 << 10 // A slow line is a smooth one.
	}
	for {
		b := make([]byte, size)
		n, err := from.Read(b)
		ackNow(from)
		if n > 0 {
			due := time.Now()
			if due.Before(begin) {
				due = begin
			}
			way <- parcel{due.Add(delay), b[:n]}
		}
		if err != nil {
			break
		}
	}
	close(way)
	wg.Wait()
}
