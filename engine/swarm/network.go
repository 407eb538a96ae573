package swarm

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// lookEvery is how often the machine's addresses are looked at, and slept how long the clock may jump between two
	// looks before the machine is said to have slept.
	lookEvery = 5 * time.Second
	slept     = time.Minute
)

// network notices that the machine has moved to another network, or has slept: what was announced before may be wrong,
// and connections may be gone without a word.
type network struct {
	addresses func() ([]net.Addr, error)
	// found is told what addresses returned, unless that is none.
	found func([]net.Addr)
	last  string
	at    time.Time
	// absent is that no address leads out of the machine.
	absent atomic.Bool
}

// noNetwork is the warning while no address leads out of the machine.
const noNetwork = "this machine has no network: what is here opens, all else waits for one"

// isAbsent reports whether none of a machine's addresses leads out of it.
func isAbsent(addrs []net.Addr) bool {
	return !slices.ContainsFunc(addrs, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return !ok || !n.IP.IsLoopback()
	})
}

// changed reports whether that has happened since the last call. A machine that has lost all of its addresses has not
// moved yet; it will have when it is given new ones.
func (n *network) changed(now time.Time) bool {
	now = now.Round(0) // The monotonic clock stands still while a machine sleeps.
	last, at := n.last, n.at
	n.at = now
	addrs, err := n.addresses()
	n.absent.Store(err == nil && isAbsent(addrs))
	if err == nil && len(addrs) > 0 {
		names := make([]string, len(addrs))
		for i, a := range addrs {
			names[i] = a.String()
		}
		slices.Sort(names)
		n.found(addrs)
		n.last = strings.Join(names, " ")
	}
	if at.IsZero() {
		return false
	}
	return n.last != last || now.Sub(at) > slept
}

// watch calls moved when the network has changed, until ctx ends.
func (n *network) watch(ctx context.Context, moved func()) {
	n.changed(time.Now())
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if n.changed(now) {
				moved()
			}
		}
	}
}
