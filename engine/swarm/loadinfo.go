package swarm

import "wtptui/engine"

// loadInfo parses the info dictionary, checks it and opens the data. If it returns false, the torrent has left its
// swarm: either it is refused, and readiness holds the reason, or its data cannot be opened now, which is its fault
// until retryOpen. The caller must hold life.
func (h *handle) loadInfo(raw []byte) bool {
	m, err := parseInfo(h.hash, raw)
	if err == nil {
		if err = m.checkLimits(h.limits); err != nil {
			h.pendingInfo = raw // for SetLimits
		}
	}
	if err != nil {
		h.leaveSwarm()
		h.decide(err)
		return false
	}
	data, err := h.openData(m)
	if err != nil {
		h.leaveSwarm()
		h.pendingInfo = raw
		if h.faults.dataFault() == nil {
			h.client.log.Error("cannot open a torrent's data", "torrent", h.name, "err", err)
		}
		h.faults.set(opError("open", engine.Unavailable, diskAdvice(err)+"; it goes on by itself then", err))
		return false
	}
	data.OnDamage(h.markLost)
	data.OnComplete(h.recordVerified)
	h.wants.setMissing(func(piece int) bool {
		done, _ := data.Piece(piece)
		return !done
	})
	h.pendingInfo = nil
	h.faults.set(nil)
	h.meta.Store(m)
	h.data.Store(data)
	return true
}

// handlePeerInfo continues with the info dictionary that a peer has sent (BEP 9).
func (h *handle) handlePeerInfo(raw []byte) {
	h.life.Lock()
	defer h.life.Unlock()
	peers := h.swarm.Load()
	if h.dropped || peers == nil || h.meta.Load() != nil || !h.loadInfo(raw) {
		return
	}
	h.applyPrivate()
	h.reuseAndOpen(peers)
}

// retryOpen continues with a torrent whose data could not be opened before.
func (h *handle) retryOpen() {
	h.life.Lock()
	defer h.life.Unlock()
	if !h.dropped && h.pendingInfo != nil && h.Err() == nil {
		h.loadInfoAndJoin()
	}
}

// loadInfoAndJoin continues with the pending info dictionary.
func (h *handle) loadInfoAndJoin() {
	switch {
	case !h.loadInfo(h.pendingInfo):
	case h.paused:
		h.decide(nil)
		h.checkWhilePaused()
	default:
		h.joinSwarm()
	}
}

// SetLimits implements Torrent.
func (h *handle) SetLimits(l SiteLimits) (goesOn bool) {
	h.life.Lock()
	defer h.life.Unlock()
	if h.dropped || l == h.limits {
		return false
	}
	h.limits = l
	if engine.KindOf(h.Err()) != engine.TooLarge {
		return false
	}
	m, err := parseInfo(h.hash, h.pendingInfo)
	if err == nil {
		err = m.checkLimits(l)
	}
	if err != nil {
		h.decide(err) // It may be over another limit now.
		return false
	}
	h.reset()
	h.loadInfoAndJoin()
	return true
}

// SetLabels implements Torrent.
func (h *handle) SetLabels(labels []string) { h.rateLimits.setLabels(labels) }

// SetInfo implements Torrent.
func (h *handle) SetInfo(info []byte) {
	h.life.Lock()
	defer h.life.Unlock()
	if h.dropped || h.meta.Load() != nil || h.pendingInfo != nil || h.Err() != nil || !isInfoOf(h.hash, info) {
		return
	}
	if h.swarm.Load() == nil {
		h.pendingInfo = info
		h.loadInfoAndJoin()
		return
	}
	h.wg.Go(func() { h.handlePeerInfo(info) }) // as if a peer had sent it
}
