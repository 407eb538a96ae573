package netsim

import (
	"flag"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

var crowdSize = flag.Int64("crowd", 64<<10, "bytes that each of the hosts of TestCrowd sends")

// TestCrowd is the benchmark of the simulation: a thousand hosts of which each sends to another. It is a test because
// only tests run in virtual time: go test -run TestCrowd -v -crowd 1048576.
func TestCrowd(t *testing.T) {
	for name, link := range map[string]Link{
		"1 MB/s":   {Up: 1e6, Down: 5e6, Latency: 20 * ms, Jitter: 2 * ms, Loss: 1e-5},
		"10 MB/s":  {Up: 10e6, Down: 50e6, Latency: 10 * ms},
		"100 MB/s": {Up: 100e6, Down: 100e6, Latency: 5 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			hosts, size := 1000, *crowdSize
			if testing.Short() {
				hosts = 100
			}
			var virtual time.Duration
			var events uint64
			start := time.Now()
			synctest.Test(t, func(t *testing.T) {
				n := New(1)
				defer n.Close()
				start := time.Now()
				done := make(chan error)
				all := make([]*Host, hosts)
				for i := range all {
					all[i] = n.Host("host", link)
					l := listen(t, all[i])
					go func() {
						c, err := l.Accept()
						if err == nil {
							_, err = io.CopyN(io.Discard, c, size)
						}
						done <- err
					}()
				}
				for i, h := range all {
					go func() {
						c, err := h.Dial(t.Context(), publicAddr(all[(i+1)%hosts]))
						if err != nil {
							done <- err
							return
						}
						p := make([]byte, 16<<10)
						for range size / int64(len(p)) {
							if _, err := c.Write(p); err != nil {
								t.Error(err)
							}
						}
					}()
				}
				for range all {
					if err := <-done; err != nil {
						t.Error(err)
					}
				}
				virtual, events = time.Since(start), n.Events()
			})
			took := time.Since(start)
			t.Logf("%d MiB in %v, virtually %v: %.1f virtual seconds a second, %.2f million events a second, %.0f a MiB",
				int64(hosts)*size>>20, took, virtual, virtual.Seconds()/took.Seconds(),
				float64(events)/took.Seconds()/1e6, float64(events)/float64(hosts)/float64(size)*(1<<20))
		})
	}
}
