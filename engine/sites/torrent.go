package sites

import (
	"slices"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// torrent is a torrent that at least one site has: as what it serves, is going to serve, or has served. Engine.mu guards
// it, except for what swarm.Torrent guards itself and the tree.
type torrent struct {
	swarm.Torrent

	users map[*site]struct{}
	// readers counts requests that read from it, whether or not a site still serves it.
	readers int
	// last are the newest numbers, asked at lastAt; down and up turn them into rates.
	last     swarm.Stats
	lastAt   time.Time
	down, up meter
	// known says that its list of files was here before this run, ready that it is here and accepted, complete that
	// every piece is, so that this is told only once.
	known, ready, complete bool
	// left is closed when no site points to it any more and it has been dropped.
	left chan struct{}

	treeOnce sync.Once
	tree     *tree
}

// files gives the torrent's files as a tree, built when it is first needed: most seeded sites are not being read.
func (t *torrent) files() *tree {
	t.treeOnce.Do(func() { t.tree = newTree(t.Info()) })
	return t.tree
}

// hint tells a torrent that is in its swarm already what a person has named besides: trackers and web seeds, and the list
// of files if it is still waiting for that.
func (e *Engine) hint(t *torrent, trackers, webSeeds []string) {
	t.Hint(trackers, webSeeds)
	if t.settled() {
		return
	}
	info, err := e.cfg.Store.Info(t.Infohash())
	if err != nil {
		e.cfg.Logger.Warn("sites: look for a list of files", "infohash", t.Infohash(), "err", err)
	}
	if info != nil {
		t.TakeInfo(info)
	}
}

// spec says how the site's torrent is to be joined. mu must be held.
func (e *Engine) spec(s *site, infohash string) swarm.Spec {
	spec := swarm.Spec{
		Infohash: infohash,
		Trackers: union(slices.Clone(s.row.Trackers), s.row.HintTrackers),
		WebSeeds: union(slices.Clone(s.row.WebSeeds), s.row.HintWebSeeds),
		Limits:   swarm.SiteLimits{Size: e.cfg.MaxSiteSize, Files: MaxFiles},
		Verify:   e.cfg.Unclean,
		Paused:   s.row.Paused,
	}
	spec.InPlace = e.inPlace(s.row.Host, infohash)
	if s.row.Allowed || s.row.Mine {
		spec.Limits.Size = 0
	}
	return spec
}

func (e *Engine) addTorrent(spec swarm.Spec) (*torrent, error) {
	info, err := e.cfg.Store.Info(spec.Infohash)
	if err != nil {
		return nil, err
	}
	spec.Info = info
	st, err := e.cfg.Swarm.Add(spec)
	if err != nil {
		return nil, err
	}
	t := &torrent{Torrent: st, users: map[*site]struct{}{}, known: info != nil, left: make(chan struct{})}
	if t.settled() { // the usual case at start: nobody has to wait for it
		e.settle(t)
	} else {
		e.awaitReady(t)
	}
	return t, nil
}

// settled reports whether the torrent's list of files, or its refusal, is there.
func (t *torrent) settled() bool {
	select {
	case <-t.Ready():
		return true
	default:
		return false
	}
}

// awaitReady waits for that in a goroutine of its own.
func (e *Engine) awaitReady(t *torrent) {
	ready := t.Ready()
	e.goTask(func() {
		select {
		case <-ready:
		case <-t.left:
			return
		case <-e.ctx.Done():
			return
		}
		e.settle(t)
		e.mu.Lock()
		for s := range t.users {
			switch t {
			case s.torrent:
				e.describe(s, t)
				s.notify()
			case s.next:
				s.nextErr = t.Err()
				e.changed = true
			}
		}
		e.mu.Unlock()
		e.publish()
	})
}

// settle keeps what the torrent says about itself.
func (e *Engine) settle(t *torrent) {
	info, err, stats := t.Info(), t.Err(), t.Stats()
	if err == nil && !t.known {
		e.keepInfo(t)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	t.ready = err == nil
	t.last = stats
	t.complete = t.known && t.ready && stats.Kept == info.Size
}

// keepInfo writes the torrent's list of files down. Without it the data is of no use to a start at which nobody else has it,
// so what fails is tried again.
func (e *Engine) keepInfo(t *torrent) {
	err := e.cfg.Store.PutInfo(t.Infohash(), t.Info().Bytes)
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.unkept, t)
	e.changed = true
	if err != nil && len(t.users) > 0 {
		e.unkept[t] = struct{}{}
		e.cfg.Logger.Error("sites: keep a torrent's list of files", "infohash", t.Infohash(), "err", err)
	}
}

// describe tells a site what its torrent turned out to be. mu must be held.
func (e *Engine) describe(s *site, t *torrent) {
	s.err = t.Err()
	e.changed = true
	if s.err != nil {
		e.record(s, engine.Problem, engine.Noticed, engine.Message(s.err))
		return
	}
	if s.row.Title == "" {
		s.row.Title = engine.Clean(t.Info().Name)
		e.unsaved[s.row.Host] = struct{}{}
	}
	if !t.known {
		e.record(s, engine.Info, engine.Described, describeInfo(t.Info()))
	}
}

// applyPause pauses the torrent if all sites that point to it are paused.
func (e *Engine) applyPause(t *torrent) {
	e.mu.Lock()
	paused := true
	for s := range t.users {
		paused = paused && s.row.Paused
	}
	e.mu.Unlock()
	t.SetPaused(paused)
}

// deleteData deletes a torrent's files, info and piece completion unless a site has it, or could have it back.
// membership must be held.
func (e *Engine) deleteData(infohash string) {
	if infohash == "" || e.wanted(infohash) {
		return
	}
	if err := e.cfg.Store.DeleteTorrent(infohash); err != nil {
		e.cfg.Logger.Warn("sites: delete a torrent's record", "infohash", infohash, "err", err)
	}
	if err := e.cfg.Swarm.Delete(infohash); err != nil {
		e.cfg.Logger.Warn("sites: delete a torrent's files", "infohash", infohash, "err", err)
	}
}

func (e *Engine) wanted(infohash string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.torrents[infohash]; ok {
		return true
	}
	for _, group := range []map[string]*site{e.sites, e.evicted} {
		for _, s := range group {
			if s.row.Infohash == infohash || slices.Contains(s.hashes(), infohash) {
				return true
			}
		}
	}
	return false
}
