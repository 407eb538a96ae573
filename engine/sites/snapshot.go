package sites

import (
	"cmp"
	"slices"
	"time"

	"wtptui/engine"
)

// snapshotter makes snapshots of the state and publishes them.
type snapshotter struct {
	cfg      *Config
	start    time.Time
	events   *eventLog
	roster   *roster
	torrents *torrents
	poll     *poller
	bin      *bin
	own      *publications
	scrub    *scrubber
	rates    *rates
	times    *scheduler
	homes    *homes
	names    *nameFollower
	// failures are what may fail at present.
	failures []*failure
	// lastPublished is when the last snapshot was made.
	lastPublished time.Time
}

// publish makes a snapshot of everything and publishes it to the watchers.
func (p *snapshotter) publish() {
	now := p.cfg.Clock.Now()
	snap := engine.Snapshot{At: engine.At(now), Sites: make([]engine.Site, 0, len(p.roster.here))}
	for _, s := range p.roster.here {
		snap.Sites = append(snap.Sites, s.view(p.own, now))
	}
	slices.SortFunc(snap.Sites, func(a, b engine.Site) int { return cmp.Compare(a.Host, b.Host) })
	snap.Status = p.status()
	p.events.changed, p.lastPublished = false, now
	p.events.hub.Publish(snap)
}

func (p *snapshotter) status() engine.Status {
	st := engine.Status{
		Version:     p.cfg.Version,
		DataDir:     p.cfg.DataDir,
		StartedAt:   engine.At(p.start),
		Online:      p.poll.status.Online,
		ServeURL:    p.cfg.LocalRoot,
		PeerPort:    p.poll.status.Port,
		PortOpen:    p.poll.status.PortOpen,
		DHTNodes:    p.poll.status.DHTNodes,
		WebTrackers: p.poll.status.WebTrackers,
		CacheUsed:   p.torrents.cacheUsed(),
		CacheLimit:  p.cfg.CacheSize,
		Disk:        p.poll.status.Disk,
		Queue:       p.queue(),
		Names:       p.names.health,
		Bin:         p.bin.status(),
		Limits:      p.rates.current(),
		Schedule:    p.times.view(),
		Goals:       append([]engine.Goals{}, p.cfg.Goals...),
		Enough:      p.cfg.Enough,
		LabelLimits: append([]engine.Limits{}, p.rates.byLabel...),
		Homes:       p.homes.view(),
		HomeTracker: p.poll.homeTracker,
		Scrub:       p.scrub.view(),
		Trackers:    append([]engine.Tracker{}, p.poll.trackers...),
		Resolvers:   append([]engine.Resolver{}, p.poll.resolvers...),
		Warnings:    slices.Concat([]string{}, p.cfg.Warnings, p.poll.status.Warnings, failureWarnings(p.failures...)),
	}
	for _, t := range p.torrents.byHash {
		st.Peers += t.stats.Peers
		st.WebPeers += t.stats.WebPeers
		st.DownRate += t.down.rate()
		st.UpRate += t.up.rate()
	}
	return st
}

func (p *snapshotter) queue() engine.Queue {
	return engine.Queue{
		LookUps: p.names.queued, Torrents: int(p.torrents.waiting.Load()), Announces: p.poll.status.AnnouncesWaiting,
	}
}
