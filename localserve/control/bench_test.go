package control_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/localserve/control"
)

// busySites returns n sites with peers, half of them downloading.
func busySites(n int) []fake.Script {
	scripts := fake.ManySites(n)
	for i := range scripts {
		scripts[i].Peers = 8
		if i%2 == 0 {
			scripts[i].State, scripts[i].Done, scripts[i].Size = engine.Downloading, 0.1, 100*scripts[i].Size
		}
	}
	return scripts
}

// BenchmarkRemoteAttach runs a remote client with 1,000 busy sites for 20 s. It reports the size of the first
// snapshot, and then the bytes and snapshots per second.
func BenchmarkRemoteAttach(b *testing.B) {
	eng := fake.New(fake.Options{Scripts: busySites(1000)})
	defer eng.Close()
	path, _ := serve(b, eng)
	for b.Loop() {
		conn := &countingConn{Conn: dialPipe(b, path)}
		c := dialOver(b, conn)
		ch, err := c.Watch(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		first := <-ch
		b.ReportMetric(float64(conn.n.Load())/1000, "kB-first")
		before, start, snapshots := conn.n.Load(), time.Now(), 0
		ctx, stop := context.WithTimeout(b.Context(), 20*time.Second)
		go eng.Play(ctx)
		for ctx.Err() == nil {
			select {
			case <-ch:
				snapshots++
				// A dashboard asks for details every second.
				if _, err := c.Detail(ctx, first.Sites[0].Host); err != nil && ctx.Err() == nil {
					b.Fatal(err)
				}
			case <-ctx.Done():
			}
		}
		stop()
		elapsed := time.Since(start).Seconds()
		b.ReportMetric(float64(conn.n.Load()-before)/elapsed/1000, "kB/s")
		b.ReportMetric(float64(snapshots)/elapsed, "snapshots/s")
		c.Close()
	}
}

type countingConn struct {
	net.Conn
	n atomic.Int64
}

func (c *countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// BenchmarkTenDashboards measures what one snapshot of 1,000 busy sites costs the server for ten local watches. There
// are four a second: 5 ms are 2 % of a core.
func BenchmarkTenDashboards(b *testing.B) {
	eng := fake.New(fake.Options{Scripts: busySites(1000)})
	defer eng.Close()
	path, _ := serve(b, eng)
	watchers := make([]rawWatch, 10)
	for i := range watchers {
		watchers[i] = watchRaw(b, path)
		watchers[i].next(b)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		eng.Step(250 * time.Millisecond)
		b.StartTimer()
		for _, w := range watchers {
			w.next(b)
		}
	}
}

// rawWatch reads the lines of a watch without decoding them.
type rawWatch struct{ lines *bufio.Reader }

func watchRaw(b *testing.B, path string) rawWatch {
	b.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	const request = "GET /watch HTTP/1.0\r\nHost: x\r\nWtptui-Protocol: %d\r\n\r\n"
	if _, err := fmt.Fprintf(conn, request, control.Protocol); err != nil {
		b.Fatal(err)
	}
	w := rawWatch{bufio.NewReaderSize(conn, 1<<20)}
	for w.next(b) != "\r\n" { // The header.
	}
	return w
}

func (w rawWatch) next(b *testing.B) string {
	b.Helper()
	line, err := w.lines.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return line
}
