package swarm

import "wtptui/engine"

// loadInfo parses the info dictionary, checks it and opens the data. If it returns false, the torrent has left its
// swarm: either it is refused, and readiness holds the reason, or its data cannot be opened now, which is its fault
// until retryOpen.
func (l *lifecycle) loadInfo(raw []byte) bool {
	m, err := parseInfo(l.hash, raw)
	if err == nil {
		if err = m.checkLimits(l.limits); err != nil {
			l.pendingInfo = raw // for SetLimits
		}
	}
	if err != nil {
		l.leaveSwarm()
		l.decide(err)
		return false
	}
	data, err := l.openData(m)
	if err != nil {
		l.leaveSwarm()
		l.pendingInfo = raw
		if l.faults.dataFault() == nil {
			l.client.log.Error("cannot open a torrent's data", "torrent", l.name, "err", err)
		}
		l.faults.set(opError("open", engine.Unavailable, diskAdvice(err)+"; it goes on by itself then", err))
		return false
	}
	data.OnDamage(l.markLost)
	data.OnComplete(l.recordVerified)
	l.wants.setMissing(func(piece int) bool {
		done, _ := data.Piece(piece)
		return !done
	})
	l.pendingInfo = nil
	l.faults.set(nil)
	l.meta.Store(m)
	l.data.Store(data)
	return true
}

// handlePeerInfo continues with the info dictionary that a peer has sent (BEP 9).
func (h *handle) handlePeerInfo(raw []byte) {
	h.change(func(l *lifecycle) {
		peers := l.swarm.Load()
		if l.dropped || peers == nil || l.meta.Load() != nil || !l.loadInfo(raw) {
			return
		}
		l.applyPrivate()
		l.reuseAndOpen(peers)
	})
}

// retryOpen continues with a torrent whose data could not be opened before.
func (h *handle) retryOpen() {
	h.change(func(l *lifecycle) {
		if !l.dropped && l.pendingInfo != nil && l.Err() == nil {
			l.loadInfoAndJoin()
		}
	})
}

// loadInfoAndJoin continues with the pending info dictionary.
func (l *lifecycle) loadInfoAndJoin() {
	switch {
	case !l.loadInfo(l.pendingInfo):
	case l.paused:
		l.decide(nil)
		l.checkWhilePaused()
	default:
		l.joinSwarm()
	}
}

// SetLimits implements Torrent.
func (h *handle) SetLimits(limits SiteLimits) (goesOn bool) {
	h.change(func(l *lifecycle) { goesOn = l.setLimits(limits) })
	return goesOn
}

func (l *lifecycle) setLimits(limits SiteLimits) (goesOn bool) {
	if l.dropped || limits == l.limits {
		return false
	}
	l.limits = limits
	if engine.KindOf(l.Err()) != engine.TooLarge {
		return false
	}
	m, err := parseInfo(l.hash, l.pendingInfo)
	if err == nil {
		err = m.checkLimits(limits)
	}
	if err != nil {
		l.decide(err) // It may be over another limit now.
		return false
	}
	l.reset()
	l.loadInfoAndJoin()
	return true
}

// SetLabels implements Torrent.
func (h *handle) SetLabels(labels []string) { h.rateLimits.setLabels(labels) }

// SetInfo implements Torrent.
func (h *handle) SetInfo(info []byte) {
	h.change(func(l *lifecycle) {
		if l.dropped || l.meta.Load() != nil || l.pendingInfo != nil || l.Err() != nil || !isInfoOf(l.hash, info) {
			return
		}
		if l.swarm.Load() == nil {
			l.pendingInfo = info
			l.loadInfoAndJoin()
			return
		}
		h.wg.Go(func() { h.handlePeerInfo(info) }) // as if a peer had sent it
	})
}
