package sites

import (
	"context"
	"sync"
	"time"

	"wtptui/engine"
)

// probeTimeout is how long each way is tried. Trackers require some seconds between announces, and WebRTC takes a few
// to connect.
const probeTimeout = 30 * time.Second

// Probe implements engine.Engine. Both ways are tried at the same time, each by a client of its own, through the
// configured trackers.
func (e *Engine) Probe(ctx context.Context, host string) (engine.Reach, error) {
	const op = "sites: probe"
	infohash := ""
	err := e.withState(op, host, func(st *state) error {
		s, err := st.roster.find(op, host)
		switch {
		case err != nil:
			return err
		case s.row.Paused:
			return &engine.Error{
				Op: op, Host: host, Kind: engine.Conflict,
				Msg: "the site is paused, so nobody gets it from here: resume it first",
			}
		case s.torrent == nil:
			return &engine.Error{
				Op: op, Host: host, Kind: engine.NotReady,
				Msg: "its " + nameAuthority(s) + " does not name a site yet: `wtptui show " + host + "` says what it waits for",
			}
		}
		infohash = s.torrent.infohash
		return nil
	})
	if err != nil {
		return engine.Reach{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	defer context.AfterFunc(e.owner.ctx, cancel)()
	r := engine.Reach{Host: host}
	var both sync.WaitGroup
	both.Go(func() { r.TCP = e.cfg.Swarm.Probe(ctx, infohash, false) })
	both.Go(func() { r.WebRTC = e.cfg.Swarm.Probe(ctx, infohash, true) })
	both.Wait()
	r.Verdict = describeVerdict(r)
	return r, e.withState(op, host, func(st *state) error {
		st.events.record(st.roster.here[host], engine.Info, engine.Noticed, "tried from outside: "+r.Verdict)
		return nil
	})
}

func describeVerdict(r engine.Reach) string {
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
