package sites

import (
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
)

// retryName is how long a domain that could not be looked up is left alone.
const retryName = time.Minute

// maxLookUps is how many domains are looked up at the same time, unless a person asks for more.
const maxLookUps = 8

// lookUp asks in the background which torrent the site's domain points to. It does nothing for an infohash, and while
// a look-up is under way.
func (e *Engine) lookUp(s *site) {
	e.mu.Lock()
	defer e.mu.Unlock()
	host := s.row.Host
	if s.resolving || s.gone || engine.IsInfohash(host) {
		return
	}
	s.resolving = true
	if s.torrent == nil {
		s.err = nil
	}
	e.changed = true
	e.goTask(func() {
		answer, err := e.cfg.Resolver.Resolve(e.ctx, host)
		if e.ctx.Err() == nil {
			e.resolved(s, answer, err)
		}
	})
}

// resolved takes the answer of a look-up.
func (e *Engine) resolved(s *site, answer resolve.Answer, err error) {
	now := e.cfg.Clock.Now()
	e.mu.Lock()
	s.resolving = false
	s.expires = now.Add(retryName)
	if err == nil {
		s.expires = now.Add(max(answer.TTL, time.Second))
	}
	isFirst := s.torrent == nil
	switch {
	case err != nil && isFirst:
		s.err = err
		e.record(s, engine.Problem, engine.Noticed, engine.Message(err))
	case err == nil && isFirst:
		e.record(s, engine.Info, engine.Resolved, "points to "+answer.Infohash+", says "+answer.Source)
		for _, w := range answer.Warnings {
			e.record(s, engine.Warning, engine.Noticed, w)
		}
	case err == nil && answer.Infohash != s.torrent.Infohash():
		// Its files are needed by whoever reads it now: it moves when it is opened anew.
		e.record(s, engine.Warning, engine.Resolved, "now points to "+answer.Infohash+": evict and open it to see the new version")
	}
	s.notify()
	e.changed = true
	e.mu.Unlock()
	if err == nil && isFirst {
		e.join(s, answer.Infohash)
	}
	e.publish()
}

// follow looks up again the domains whose answer has run out: those that could not be found, and those that are kept.
func (e *Engine) follow(now time.Time) {
	underWay := len(e.pick(e.sites, func(s *site) bool { return s.resolving }))
	due := e.pick(e.sites, func(s *site) bool {
		return !s.resolving && !engine.IsInfohash(s.row.Host) && !now.Before(s.expires)
	})
	for _, s := range due[:min(len(due), max(0, maxLookUps-underWay))] {
		e.lookUp(s)
	}
}
