package webtorrent

import (
	"io"
	"runtime"
	"testing"
	"time"
)

// BenchmarkTransfer moves data over one connection on loopback, one way and both ways at once.
func BenchmarkTransfer(b *testing.B) {
	const size = 16 << 20
	block := make([]byte, 64<<10)
	send := func(conn *Conn, done chan<- error) {
		for range size / len(block) {
			if _, err := conn.Write(block); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}
	receive := func(conn *Conn, done chan<- error) {
		_, err := io.CopyN(io.Discard, conn, size)
		done <- err
	}
	for _, bench := range []struct {
		name string
		both bool
	}{{"OneWay", false}, {"BothWays", true}} {
		b.Run(bench.name, func(b *testing.B) {
			x, y := connect(b)
			b.SetBytes(size)
			done := make(chan error, 4)
			for b.Loop() {
				go send(x, done)
				go receive(y, done)
				n := 2
				if bench.both {
					go send(y, done)
					go receive(x, done)
					n = 4
				}
				for range n {
					if err := <-done; err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkCompleteTorrents measures a thousand complete torrents at one tracker without any requests.
func BenchmarkCompleteTorrents(b *testing.B) {
	const torrents = 1000
	for b.Loop() {
		tr := newTestTracker(b)
		c := newTestClient(b, "a", func(cfg *Config) { cfg.times.pace = time.Millisecond })
		before := heapInUse()
		for i := range torrents {
			spec, _ := newSpec(0, tr.url)
			spec.Infohash[0], spec.Infohash[1] = byte(i), byte(i>>8)
			c.Add(spec)
		}
		for range torrents {
			tr.expect(b, "all", func(m trackerRequest) bool { return m.Event == started })
		}
		eventually(b, "answers", func() bool { return len(tr.received) == 0 })
		b.ReportMetric(float64(heapInUse()-before)/(1<<20), "MiB-heap")
		if s := c.Status(); s.Offers+s.Connecting+s.Peers != 0 {
			b.Errorf("%+v", s)
		}
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
		tr.stop()
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
