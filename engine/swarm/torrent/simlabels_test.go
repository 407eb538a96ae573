package torrent

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"wtptui/engine/swarm/netsim"
	"wtptui/engine/swarm/wire"
)

// Two sites of one label share its rate, within the total rate, and a third site gets the remainder.
func TestSimLabelsShareARate(t *testing.T) {
	const size, rtt = 4 << 20, 50 * time.Millisecond
	for _, c := range []struct {
		name              string
		all, label        rate.Limit // bytes a second
		labelled, unlabel time.Duration
	}{
		{
			"the label is the narrower one", 1 << 20, 256 << 10, 2 * size * time.Second / (256 << 10),
			size * time.Second / (768 << 10),
		},
		{
			"all is the narrower one", 512 << 10, 1 << 20, 3 * size * time.Second / (512 << 10),
			3 * size * time.Second / (512 << 10),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			simulate(t, 1, func(t *testing.T, n *netsim.Net) {
				const burst = 64 << 10
				all, label := rate.NewLimiter(c.all, burst), rate.NewLimiter(c.label, burst)
				limits := [3]*wire.Limit{wire.NewLimit(all, label), wire.NewLimit(all, label), wire.NewLimit(all)}
				begin := time.Now()
				var took [3]time.Duration
				done := make(chan struct{})
				for i, limit := range limits {
					s := newSite(t, size, 256<<10, 4)
					seed := newSimNode(t, n.Host(fmt.Sprint("seed", i), line(rtt, 0, 0)), s, options{complete: true, limit: limit})
					reader := newSimNode(t, n.Host(fmt.Sprint("reader", i), line(rtt, 0, 0)), s, options{})
					reader.addGivenPeers(seed.addr)
					go func() {
						<-reader.finished
						took[i] = time.Since(begin)
						done <- struct{}{}
					}()
				}
				for range limits {
					<-done
				}
				for i, want := range []time.Duration{c.labelled, c.labelled, c.unlabel} {
					if took[i] < want*8/10 || took[i] > want*12/10 {
						t.Errorf("site %d came in %v, want %v", i, took[i], want)
					}
				}
			})
		})
	}
}
