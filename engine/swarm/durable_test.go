package swarm

import (
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wtptui/engine"
)

// What a failed flush may have lost is written again once the disk works, hashed and kept, without a restart and
// without fetching it anew.
func TestDiskThatFailsToFlush(t *testing.T) {
	s := newSite(t, 16<<10, 200_000)
	author := start(t, config(t))
	publish(t, author, s)
	for name, paused := range map[string]bool{"in the swarm": false, "paused": true} {
		t.Run(name, func(t *testing.T) {
			var broken atomic.Bool
			broken.Store(true)
			c, err := newClient(config(t), hooks{
				guardInterval: 10 * time.Millisecond,
				flush: func(_ *os.File, _ bool, flush func() error) error {
					return errors.Join(flush(), withBrokenDisk(&broken))
				},
				probe: func(string) error { return withBrokenDisk(&broken) },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
			connect(tor, author)
			eventually(t, "the fault is shown", func() bool { return tor.Stats().Fault != nil })
			if err := tor.Stats().Fault; engine.KindOf(err) != engine.Unavailable ||
				!strings.Contains(engine.Message(err), "the disk is full") {
				t.Errorf("fault %v", err)
			}
			if !IsFull(tor.Stats().Fault) {
				t.Error("nobody is told that the disk is full")
			}
			if st := tor.Stats(); st.Kept != 0 {
				t.Errorf("kept on a disk that fails: %+v", st)
			}
			fetched := tor.Stats().Downloaded
			tor.SetPaused(paused)
			broken.Store(false)
			eventually(t, "it is kept", func() bool { st := tor.Stats(); return st.Kept == tor.Info().Size && st.Fault == nil })
			if n := tor.Stats().Downloaded; n > max(fetched, tor.Info().Size) {
				t.Errorf("%d bytes of %d were fetched", n, tor.Info().Size)
			}
			same(t, tor, s)
		})
	}
}

func withBrokenDisk(broken *atomic.Bool) error {
	if broken.Load() {
		return syscall.ENOSPC
	}
	return nil
}
