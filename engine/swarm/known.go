package swarm

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/anacrolix/torrent"
)

const (
	maxKnown   = 200
	retryPeers = 20 // at a time
	retryFirst = 300 * time.Millisecond
	retryMax   = time.Minute
)

// knownPeers are addresses that may be tried again. The library tries each address once and then forgets it until
// somebody names it again, which may take half an hour: a connection that failed for a moment (the other side had not
// yet noticed that we left, a network that was gone) would leave a torrent alone for as long.
type knownPeers struct {
	mu    sync.Mutex
	addrs []netip.AddrPort
	wait  time.Duration
	next  time.Time
	// back are addresses to call whoever else is there, as many times more as calls says.
	back  []netip.AddrPort
	calls int
}

// backCalls is how often a peer is called that was hung up on: the first calls may come before it has noticed.
const backCalls = 4

// callBack notes addresses of peers that were hung up on to be called again.
func (k *knownPeers) callBack(addrs []netip.AddrPort) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.back, k.calls = addrs, backCalls
}

// toCallBack gives the addresses to call again now.
func (k *knownPeers) toCallBack() []netip.AddrPort {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.calls == 0 {
		return nil
	}
	k.calls--
	return k.back
}

// add notes addresses, the newest last.
func (k *knownPeers) add(addrs ...netip.AddrPort) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.addrs = slices.DeleteFunc(k.addrs, func(a netip.AddrPort) bool { return slices.Contains(addrs, a) })
	k.addrs = append(k.addrs, addrs...)
	if n := len(k.addrs) - maxKnown; n > 0 {
		k.addrs = slices.Delete(k.addrs, 0, n)
	}
	k.wait, k.next = retryFirst, time.Now().Add(retryFirst)
}

// due gives some addresses when it is time to try them again.
func (k *knownPeers) due(now time.Time) []netip.AddrPort {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.addrs) == 0 || now.Before(k.next) {
		return nil
	}
	k.wait = min(2*k.wait, retryMax)
	k.next = now.Add(k.wait)
	some := slices.Clone(k.addrs)
	rand.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	return some[:min(len(some), retryPeers)]
}

// retry tries known peers again while the torrent needs some and has none, and those that were hung up on. What is
// wanted is dealt out anew: the rate, and how many peers there are to ask, has changed.
func (h *handle) retry(now time.Time) {
	if h.lib.Load() == nil {
		return
	}
	if h.wants.pending() {
		h.relevel()
	}
	if addrs := h.known.toCallBack(); len(addrs) > 0 {
		h.offer(addrs, torrent.PeerSourceTracker)
	}
	if !h.lonely() {
		return
	}
	if addrs := h.known.due(now); len(addrs) > 0 {
		h.offer(addrs, torrent.PeerSourceTracker)
	}
}
