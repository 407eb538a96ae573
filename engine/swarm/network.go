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
	// networkCheckInterval is how often the machine's addresses are checked. sleepThreshold is by how much the clock
	// must jump between two checks for the machine to have slept.
	networkCheckInterval = 5 * time.Second
	sleepThreshold       = time.Minute
)

// networkMonitor detects that the machine has moved to another network, or has slept: announced addresses may be wrong
// then, and connections may be dead.
type networkMonitor struct {
	addresses func() ([]net.Addr, error)
	// onAddrs is called with the addresses, unless there are none.
	onAddrs   func([]net.Addr)
	lastAddrs string
	lastCheck time.Time
	// isOffline reports whether all addresses are loopback addresses.
	isOffline atomic.Bool
}

// noNetwork is the warning while isOffline is set.
const noNetwork = "this machine has no network: only sites that are here open until it has one"

// hasOnlyLoopback reports whether none of the addresses leads out of the machine.
func hasOnlyLoopback(addrs []net.Addr) bool {
	return !slices.ContainsFunc(addrs, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return !ok || !n.IP.IsLoopback()
	})
}

// checkChanged reports whether the network has changed since the last call. A machine that has lost all its addresses
// has not moved yet: it has when it gets new ones.
func (n *networkMonitor) checkChanged(now time.Time) bool {
	now = now.Round(0) // The monotonic clock stops while a machine sleeps.
	last, at := n.lastAddrs, n.lastCheck
	n.lastCheck = now
	addrs, err := n.addresses()
	n.isOffline.Store(err == nil && hasOnlyLoopback(addrs))
	if err == nil && len(addrs) > 0 {
		names := make([]string, len(addrs))
		for i, a := range addrs {
			names[i] = a.String()
		}
		slices.Sort(names)
		n.onAddrs(addrs)
		n.lastAddrs = strings.Join(names, " ")
	}
	if at.IsZero() {
		return false
	}
	return n.lastAddrs != last || now.Sub(at) > sleepThreshold
}

// watch calls onChange when the network has changed, until ctx ends.
func (n *networkMonitor) watch(ctx context.Context, onChange func()) {
	n.checkChanged(time.Now())
	ticker := time.NewTicker(networkCheckInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if n.checkChanged(now) {
				onChange()
			}
		}
	}
}
