package netsim

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLinks(t *testing.T) {
	for name, test := range map[string]struct {
		link Link
		size int
		want time.Duration // to send size from a server nearby
	}{
		"fibre":         {Fibre(), 50e6, 1400 * ms},
		"cable":         {Cable(), 50e6, 3500 * ms},
		"DSL":           {DSL(), 20e6, 3400 * ms},
		"slow DSL":      {SlowDSL(), 10e6, 6900 * ms},
		"mobile":        {Mobile(), 20e6, 4700 * ms},
		"satellite":     {Satellite(), 20e6, 18 * time.Second},
		"low satellite": {LowSatellite(), 50e6, 8700 * ms},
		"home server":   {HomeServer(), 20e6, 3400 * ms},
		"server":        {Server(), 100e6, 900 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, n *Net) {
				out, in := connect(t, n.Host("home", test.link), n.Host("server", Server()))
				expectNear(t, "a transfer", transfer(t, in, out, test.size), test.want, 0.3)
			})
		})
	}
}

func TestRandomHome(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	count := map[NAT]int{}
	for range 10000 {
		l := RandomHome(r)
		count[l.NAT]++
		if l.Up == 0 || l.Down < l.Up || l.Latency < 5*ms {
			t.Fatalf("%+v", l)
		}
	}
	if open := count[Open]; open < 2500 || open > 3300 {
		t.Errorf("%d of 10,000 can be dialed", open)
	}
}

func TestChurn(t *testing.T) {
	run := func() (log []string) {
		simulate(t, func(t *testing.T, n *Net) {
			hosts := make([]*Host, 100)
			for i := range hosts {
				hosts[i] = n.Host(fmt.Sprint(i), Link{})
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Hour)
			defer cancel()
			start := time.Now()
			up, since, sum := 0, start, 0.0
			changes := 0
			n.Churn(ctx, 20*time.Minute, 40*time.Minute, hosts, func(h *Host, isUp bool) {
				sum += float64(up) * time.Since(since).Seconds()
				since = time.Now()
				if isUp {
					up++
				} else if changes >= len(hosts) {
					up--
				}
				changes++
				log = append(log, fmt.Sprint(time.Since(start), h.Name(), isUp))
			})
			if mean := sum / since.Sub(start).Seconds(); mean < 31 || mean > 36 {
				t.Errorf("%.1f of 100 hosts are up on average, want 33.3", mean)
			}
			// Twice an hour each.
			if changes < 1800 || changes > 2300 {
				t.Errorf("%d changes", changes)
			}
		})
		return log
	}
	if one, two := run(), run(); !slices.Equal(one, two) {
		t.Error("hosts come and go otherwise in a second run")
	}
}

// history runs a small swarm in which all send to all, and returns when each received how many bytes.
func history(t *testing.T, seed uint64) []string {
	var logs [20][]string
	var reads [20]sync.Mutex
	synctest.Test(t, func(t *testing.T) {
		n := New(seed)
		defer n.Close()
		r := rand.New(rand.NewPCG(7, 7))
		start := time.Now()
		hosts := make([]*Host, len(logs))
		for i := range hosts {
			hosts[i] = n.Host(fmt.Sprint(i), RandomHome(r).Behind(Open))
			l := listen(t, hosts[i])
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						p := make([]byte, 10000)
						for {
							k, err := io.ReadFull(c, p)
							reads[i].Lock()
							logs[i] = append(logs[i], fmt.Sprint(time.Since(start), " ", c.RemoteAddr(), " ", k, " ", err))
							reads[i].Unlock()
							if err != nil {
								return
							}
						}
					}()
				}
			}()
		}
		var wg sync.WaitGroup
		for i, h := range hosts {
			for j, to := range hosts {
				if i == j {
					continue
				}
				wg.Go(func() {
					c, err := h.Dial(t.Context(), publicAddr(to))
					if err != nil {
						t.Error(err)
						return
					}
					write(t, c, strings.Repeat("x", 55555))
					c.Close()
				})
			}
		}
		wg.Wait()
		time.Sleep(time.Minute)
	})
	var all []string
	for _, log := range logs {
		slices.Sort(log)
		all = append(all, log...)
	}
	return all
}

func TestSameSeedSameHistory(t *testing.T) {
	first := history(t, 1)
	if len(first) != 20*19*6 {
		t.Fatalf("%d reads", len(first))
	}
	runs := 5
	if testing.Short() {
		runs = 1
	}
	for range runs {
		again := history(t, 1)
		for i := range first {
			if i < len(again) && first[i] != again[i] {
				t.Fatalf("%s was %s the first time", again[i], first[i])
			}
		}
	}
	if slices.Equal(first, history(t, 2)) {
		t.Error("another seed gives the same history")
	}
}
