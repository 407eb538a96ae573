package sites

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// membership connects sites and torrents: a site serves one torrent, uses others, and releases them.
type membership struct {
	cfg          *Config
	owner        *owner
	journal      *journal
	events       *eventLog
	roster       *roster
	torrents     *torrents
	descriptions *descriptions
	// unwanted are infohashes of data that some site has released. It is deleted unless another site needs it.
	unwanted map[string]struct{}
	// isBeingWritten reports whether a torrent's state file is being written. Its folder must not be deleted meanwhile.
	isBeingWritten func(infohash string) bool
	// onVerified is called when all data of a torrent has been hashed. Its files looked like look when that began.
	onVerified func(t *torrent, joined swarm.Torrent, look swarm.FilesState, began time.Time)
}

// serve makes the site serve a torrent.
func (m *membership) serve(s *site, infohash string) {
	t := m.addUser(s, infohash)
	if s.torrent != t {
		s.missing = missing{} // The missing parts belong to a page of the other version.
	}
	s.torrent, s.copiesBefore = t, s.row.Copies
	if s.row.Infohash != infohash {
		s.row.Infohash = infohash
		m.journal.flush(nil)
		m.journal.markDirty(s)
	}
	s.err = m.refusal(t)
	if t.ready {
		m.descriptions.describeSite(s, t)
	}
	s.notify()
}

// refusal returns why nothing of the torrent can be had, unless it is a limit that applySettings is about to lift.
func (m *membership) refusal(t *torrent) error {
	err := t.refusal()
	if engine.KindOf(err) == engine.TooLarge && t.limits != m.torrents.limitsOf(t) {
		return nil
	}
	return err
}

// addUser makes the site a user of the torrent, which is added to the swarm if it has no other user.
func (m *membership) addUser(s *site, infohash string) *torrent {
	t := m.torrents.getOrCreate(infohash)
	if len(t.users) > 0 {
		m.addHints(t, s)
	}
	t.users[s] = struct{}{}
	delete(t.formerUsers, s)
	if _, counted := s.counted[t]; !counted {
		s.counted[t] = t.transferred()
	}
	t.unwanted, t.discard, t.addErr = false, false, nil
	m.events.changed = true
	m.torrents.reconcile(t)
	return t
}

// releaseTorrent removes the site from the torrent's users. A torrent without users leaves the swarm; its data stays.
func (m *membership) releaseTorrent(s *site, t *torrent) {
	s.countTransferred()
	delete(t.users, s)
	if t.joined != nil {
		t.formerUsers[s] = struct{}{}
	} else {
		delete(s.counted, t)
	}
	m.events.changed = true
	m.torrents.reconcile(t)
}

// releaseAll releases all torrents of the site: the served version, the next one and former ones. The data stays,
// unless forGood.
func (m *membership) releaseAll(s *site, forGood bool) {
	used := s.torrents()
	s.torrent, s.wasComplete, s.next, s.noPeersSince = nil, false, nextVersion{}, time.Time{}
	s.notify()
	for _, t := range used {
		t.discard = forGood && len(t.users) == 1
		m.releaseTorrent(s, t)
	}
}

// markUnwanted records that a site does not need the infohashes' data any more. It is deleted unless another site does.
func (m *membership) markUnwanted(infohashes ...string) {
	for _, infohash := range infohashes {
		if infohash != "" {
			m.unwanted[infohash] = struct{}{}
		}
	}
}

// isBeingDeleted reports whether a torrent's data is being deleted or about to be.
func (m *membership) isBeingDeleted(infohash string) bool {
	_, unwanted := m.unwanted[infohash]
	return unwanted || m.torrents.byHash[infohash] != nil
}

// deleteUnwanted starts to delete released data that no site needs, or could bring back.
func (m *membership) deleteUnwanted() {
	if len(m.unwanted) == 0 {
		return
	}
	refs := m.roster.referenced()
	for infohash := range m.unwanted {
		if m.isBeingWritten(infohash) {
			continue
		}
		delete(m.unwanted, infohash)
		if t := m.torrents.getOrCreate(infohash); len(t.users) == 0 {
			t.unwanted = t.unwanted || !refs[infohash]
			m.torrents.reconcile(t)
		}
	}
}

// reconcileAll reconciles all torrents of the site.
func (m *membership) reconcileAll(s *site) {
	for _, t := range s.torrents() {
		m.torrents.reconcile(t)
	}
}

// addHints passes the site's trackers, web seeds and peers to a torrent that is in its swarm already, and the stored
// list of files if the torrent still waits for one.
func (m *membership) addHints(t *torrent, s *site) {
	joined, infohash := t.joined, t.infohash
	if joined == nil {
		t.pendingHints = append(t.pendingHints, s)
		return
	}
	trackers := union(slices.Clone(s.row.Trackers), s.row.HintTrackers)
	webSeeds := union(slices.Clone(s.row.WebSeeds), s.row.HintWebSeeds)
	peers := s.linkPeers
	m.owner.startTask(func() {
		joined.AddSources(trackers, webSeeds, peers)
		if isInfoSettled(joined) {
			return
		}
		info, err := m.cfg.Store.Info(infohash)
		if err != nil {
			m.cfg.Logger.Warn("sites: load a list of files", "infohash", infohash, "err", err)
		}
		if info != nil {
			joined.SetInfo(info)
		}
	}, func() {})
}

// verify hashes all of the torrent's data again.
func (m *membership) verify(t *torrent) {
	joined, began := t.joined, m.cfg.Clock.Now()
	m.torrents.pollQueue.markActive(t)
	m.owner.startBackground(func(ctx context.Context) {
		look, err := joined.StatFiles(began)
		verifyErr := joined.Verify(ctx)
		switch err = cmp.Or(verifyErr, err); {
		case err == nil:
			m.owner.do(func() { m.onVerified(t, joined, look, began) })
		case ctx.Err() == nil:
			m.cfg.Logger.Warn("sites: verify", "infohash", joined.Infohash(), "err", err)
		}
	})
}

// hasUsers reports whether a site uses the torrent.
func (m *membership) hasUsers(infohash string) bool {
	t := m.torrents.byHash[infohash]
	return t != nil && len(t.users) > 0
}
