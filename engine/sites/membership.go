package sites

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// membership is what sites have of the swarm: a site points to torrents, has them, and lets go of them again.
type membership struct {
	cfg      *Config
	owner    *owner
	journal  *journal
	news     *news
	roster   *roster
	torrents *torrents
	told     *descriptions
	// unwanted are infohashes of data that some site has let go of: it is deleted unless another one has it.
	unwanted map[string]struct{}
	// isBusy says that a torrent's state file is being written: its folder is not deleted meanwhile.
	isBusy func(infohash string) bool
	// verified is told of a torrent all data of which was hashed since began, when its files looked so.
	verified func(t *torrent, joined swarm.Torrent, look swarm.FilesState, began time.Time)
}

// point lets the site serve a torrent.
func (m *membership) point(s *site, infohash string) {
	t := m.use(s, infohash)
	if s.torrent != t {
		s.missing = missing{} // The page is another one now.
	}
	s.torrent, s.before = t, s.row.Copies
	if s.row.Infohash != infohash {
		s.row.Infohash = infohash
		m.journal.flush(nil)
		m.journal.mark(s)
	}
	s.err = m.refusal(t)
	if t.ready {
		m.told.describe(s, t)
	}
	s.notify()
}

// refusal is why there is nothing to be had of the torrent, unless that is a limit that adjust is about to lift.
func (m *membership) refusal(t *torrent) error {
	err := t.refusal()
	if engine.KindOf(err) == engine.TooLarge && t.limits != m.torrents.limits(t) {
		return nil
	}
	return err
}

// use gives the torrent to the site, as the one that is served or another. It is added to the swarm if no site has it.
func (m *membership) use(s *site, infohash string) *torrent {
	t := m.torrents.entry(infohash)
	if len(t.users) > 0 {
		m.hint(t, s)
	}
	t.users[s] = struct{}{}
	delete(t.former, s)
	if _, counted := s.counted[t]; !counted {
		s.counted[t] = t.transferred()
	}
	t.unwanted, t.doomed, t.failed = false, false, nil
	m.news.changed = true
	m.torrents.settle(t)
	return t
}

// release takes a torrent away from the site. It leaves the swarm when no other site has it; the data stays.
func (m *membership) release(s *site, t *torrent) {
	s.count()
	delete(t.users, s)
	if t.joined != nil {
		t.former[s] = struct{}{}
	} else {
		delete(s.counted, t)
	}
	m.news.changed = true
	m.torrents.settle(t)
}

// leave takes all torrents of the site away: the one that is served, the next one, and those that are kept. The data
// stays, unless it is for good.
func (m *membership) leave(s *site, forGood bool) {
	held := s.torrents()
	s.torrent, s.whole, s.next, s.lonely = nil, false, successor{}, time.Time{}
	s.notify()
	for _, t := range held {
		t.doomed = forGood && len(t.users) == 1
		m.release(s, t)
	}
}

// letGo says that the site does not need an infohash's data any more: it is deleted unless another site does.
func (m *membership) letGo(infohashes ...string) {
	for _, infohash := range infohashes {
		if infohash != "" {
			m.unwanted[infohash] = struct{}{}
		}
	}
}

// isLeaving says that a torrent's data is being deleted, or about to be.
func (m *membership) isLeaving(infohash string) bool {
	_, unwanted := m.unwanted[infohash]
	return unwanted || m.torrents.byHash[infohash] != nil
}

// deleteUnwanted begins to delete what sites have let go of and no other one has, or could have back.
func (m *membership) deleteUnwanted() {
	if len(m.unwanted) == 0 {
		return
	}
	refs := m.roster.references()
	for infohash := range m.unwanted {
		if m.isBusy(infohash) {
			continue
		}
		delete(m.unwanted, infohash)
		if t := m.torrents.entry(infohash); len(t.users) == 0 {
			t.unwanted = t.unwanted || !refs[infohash]
			m.torrents.settle(t)
		}
	}
}

// settleAll has all torrents of the site do what it wants now.
func (m *membership) settleAll(s *site) {
	for _, t := range s.torrents() {
		m.torrents.settle(t)
	}
}

// hint tells a torrent that is in its swarm already what another site has named besides: trackers, web seeds and peers,
// and the list of files if it is still waiting for that.
func (m *membership) hint(t *torrent, s *site) {
	joined, infohash := t.joined, t.infohash
	if joined == nil {
		t.hinters = append(t.hinters, s)
		return
	}
	trackers := union(slices.Clone(s.row.Trackers), s.row.HintTrackers)
	webSeeds := union(slices.Clone(s.row.WebSeeds), s.row.HintWebSeeds)
	peers := s.given
	m.owner.task(func() {
		joined.AddSources(trackers, webSeeds, peers)
		if isSettled(joined) {
			return
		}
		info, err := m.cfg.Store.Info(infohash)
		if err != nil {
			m.cfg.Logger.Warn("sites: look for a list of files", "infohash", infohash, "err", err)
		}
		if info != nil {
			joined.SetInfo(info)
		}
	}, func() {})
}

// verify hashes all of the torrent's data again.
func (m *membership) verify(t *torrent) {
	joined, began := t.joined, m.cfg.Clock.Now()
	m.torrents.rota.stir(t)
	m.owner.background(func(ctx context.Context) {
		look, err := joined.StatFiles(began)
		verifyErr := joined.Verify(ctx)
		switch err = cmp.Or(verifyErr, err); {
		case err == nil:
			m.owner.ask(func() { m.verified(t, joined, look, began) })
		case ctx.Err() == nil:
			m.cfg.Logger.Warn("sites: verify", "infohash", joined.Infohash(), "err", err)
		}
	})
}

// isUsed says that a site has the torrent.
func (m *membership) isUsed(infohash string) bool {
	t := m.torrents.byHash[infohash]
	return t != nil && len(t.users) > 0
}
