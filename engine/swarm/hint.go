package swarm

import (
	"net/netip"
	"slices"

	"wtptui/engine/swarm/dial"
)

// Hint implements Torrent. What is named here is foreign like Spec's own.
func (h *handle) Hint(trackers, webSeeds, named []string) {
	h.life.Lock()
	defer h.life.Unlock()
	if !h.dropped && len(named) > 0 {
		h.wg.Go(func() { h.addPeers(netip.Addr{}, h.c.names.addresses(h.ctx, netip.Addr{}, named), dial.Given) })
	}
	more := missing(h.spec.Trackers, trackers)
	seeds := missing(h.spec.WebSeeds, webSeeds)
	if h.dropped || len(more) == 0 && len(seeds) == 0 {
		return
	}
	h.spec.Trackers = slices.Concat(h.spec.Trackers, more)
	h.spec.WebSeeds = slices.Concat(h.spec.WebSeeds, seeds)
	peers := h.peers.Load()
	if peers == nil {
		return // join uses them
	}
	h.c.ann.Extend(h.announced())
	if web := webTrackersOf(h.c.cfg.Trackers, h.spec.Trackers); len(web) > 0 {
		if w := h.web.Load(); w != nil {
			w.Extend(web)
		} else {
			h.announceWeb()
		}
	}
	if h.isReady() && len(seeds) > 0 {
		h.addWebSeeds(peers)
	}
}

// missing gives what of more is not in have.
func missing(have, more []string) []string {
	var out []string
	for _, m := range more {
		if !slices.Contains(have, m) && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}
