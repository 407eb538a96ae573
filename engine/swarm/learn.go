package swarm

import "wtptui/engine"

// learn takes the info dictionary, checks it and opens the data. It reports false when the torrent does not get on,
// and has left its swarm then: it is refused, and settled with the reason, or its data cannot be opened now, which is
// its fault until openAgain. Whoever calls it holds life.
func (h *handle) learn(raw []byte) bool {
	m, err := parseInfo(h.hash, raw)
	if err == nil {
		if err = m.checkLimits(h.limits); err != nil {
			h.raw = raw // for SetLimits
		}
	}
	if err != nil {
		h.leave()
		h.settle(err)
		return false
	}
	data, err := h.openData(m)
	if err != nil {
		h.leave()
		h.raw = raw
		if h.faults.own() == nil {
			h.c.log.Error("cannot open a torrent's data", "torrent", h.name, "err", err)
		}
		h.faults.set(opError("open", engine.Unavailable, diskAdvice(err)+"; it goes on by itself then", err))
		return false
	}
	data.OnDamage(h.damaged)
	data.OnComplete(h.verified)
	h.wants.open(func(piece int) bool {
		done, _ := data.Piece(piece)
		return !done
	})
	h.raw = nil
	h.faults.set(nil)
	h.meta.Store(m)
	h.data.Store(data)
	return true
}

// gotInfo goes on with the info dictionary that a peer has told (BEP 9).
func (h *handle) gotInfo(raw []byte) {
	h.life.Lock()
	defer h.life.Unlock()
	peers := h.peers.Load()
	if h.dropped || peers == nil || h.meta.Load() != nil || !h.learn(raw) {
		return
	}
	h.keepPrivate()
	h.adoptAndOpen(peers)
}

// openAgain goes on with a torrent whose data could not be opened, if it can be now.
func (h *handle) openAgain() {
	h.life.Lock()
	defer h.life.Unlock()
	if !h.dropped && h.raw != nil && h.Err() == nil {
		h.learnAndJoin()
	}
}

// learnAndJoin goes on with the info dictionary that is kept.
func (h *handle) learnAndJoin() {
	switch {
	case !h.learn(h.raw):
	case h.paused:
		h.settle(nil)
		h.checkAlone()
	default:
		h.join()
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
	m, err := parseInfo(h.hash, h.raw)
	if err == nil {
		err = m.checkLimits(l)
	}
	if err != nil {
		h.settle(err) // the limit that it is over now may be another one
		return false
	}
	h.unsettle()
	h.learnAndJoin()
	return true
}

// SetLabels implements Torrent.
func (h *handle) SetLabels(labels []string) { h.bounds.setLabels(labels) }

// TakeInfo implements Torrent.
func (h *handle) TakeInfo(info []byte) {
	h.life.Lock()
	defer h.life.Unlock()
	if h.dropped || h.meta.Load() != nil || h.raw != nil || h.Err() != nil || !isInfoOf(h.hash, info) {
		return
	}
	if h.peers.Load() == nil {
		h.raw = info
		h.learnAndJoin()
		return
	}
	h.wg.Go(func() { h.gotInfo(info) }) // as if a peer had told it
}
