package swarm

import (
	"bytes"
	"fmt"
	"net"
	"sync"
	"testing"

	"wtptui/engine/enginetest"
)

// TestFlashCrowd: peers that connect at the same moment to an idle seed are all accepted.
func TestFlashCrowd(t *testing.T) {
	for _, n := range []int{8, 30} {
		t.Run(itoa(n), func(t *testing.T) {
			s := newSite(t, 16<<10, 100_000)
			c := start(t, config(t))
			publish(t, c, s)
			want := siteBlock(s, 16<<10)(1, 0, 16<<10)
			address := net.JoinHostPort("127.0.0.1", itoa(c.Status().Port))
			var here sync.WaitGroup // until all have been served
			here.Add(n)
			served := make(chan error, n)
			for range n {
				go func() {
					conn, err := net.Dial("tcp", address)
					var block []byte
					if err == nil {
						defer conn.Close()
						block, err = fetchOver(conn, s)
					}
					if err == nil && !bytes.Equal(block, want) {
						err = fmt.Errorf("%d other bytes", len(block))
					}
					served <- err
					here.Done()
					here.Wait()
				}()
			}
			for range n {
				if err := enginetest.Receive(t, served, "a peer to be served"); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
