package sites

import (
	"context"
	"sync"
	"time"

	"wtptui/engine"
)

// probeTime is how long each way is tried: trackers ask for some seconds between announces, and WebRTC takes a few to
// find its way.
const probeTime = 30 * time.Second

// Probe implements engine.Engine. Both ways are tried at the same time, each by a client of its own, through the trackers
// that are configured.
func (e *Engine) Probe(ctx context.Context, host string) (engine.Reach, error) {
	const op = "sites: probe"
	e.mu.Lock()
	s, err := e.find(op, host)
	if err != nil {
		e.mu.Unlock()
		return engine.Reach{}, err
	}
	t, paused := s.torrent, s.row.Paused
	e.mu.Unlock()
	switch {
	case paused:
		return engine.Reach{}, &engine.Error{Op: op, Host: host, Kind: engine.Conflict, Msg: "the site is paused, so nobody gets it from here: resume it first"}
	case t == nil:
		return engine.Reach{}, &engine.Error{Op: op, Host: host, Kind: engine.NotReady, Msg: "its domain does not name a site yet: `wtptui show " + host + "` says what it waits for"}
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	r := engine.Reach{Host: host}
	var both sync.WaitGroup
	both.Go(func() { r.TCP = e.cfg.Swarm.Probe(ctx, t.Infohash(), false) })
	both.Go(func() { r.WebRTC = e.cfg.Swarm.Probe(ctx, t.Infohash(), true) })
	both.Wait()
	r.Verdict = verdict(r)
	e.mu.Lock()
	e.record(s, engine.Info, engine.Noticed, "tried from outside: "+r.Verdict)
	e.mu.Unlock()
	e.publish()
	return r, nil
}

func verdict(r engine.Reach) string {
	switch {
	case r.TCP.OK && r.WebRTC.OK:
		return "browsers and torrent clients can load it"
	case r.WebRTC.OK:
		return "browsers can load it; torrent clients cannot: " + r.TCP.Why
	case r.TCP.OK:
		return "only torrent clients can load it, browsers cannot: " + r.WebRTC.Why
	case r.TCP.Why == r.WebRTC.Why:
		return "nobody can load it: " + r.TCP.Why
	}
	return "nobody can load it. Browsers: " + r.WebRTC.Why + ". Torrent clients: " + r.TCP.Why
}
