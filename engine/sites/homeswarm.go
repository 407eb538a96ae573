package sites

import (
	"strings"
	"time"

	"wtptui/engine/swarm"
)

// HomeSwarm is how the site of a home can be loaded from its swarm: what a browser needs to open it without the home.
type HomeSwarm struct {
	Infohash string
	Title    string
	// Metainfo is the .torrent file, with these trackers and web seeds and without the piece layers of BitTorrent v2.
	Metainfo []byte
	// Trackers are the homes' trackers, best first, and the torrent's own trackers for browsers: other trackers, which
	// a person has configured, may have private keys in their URLs. WebSeeds are all of the site's own.
	Trackers, WebSeeds []string

	made time.Time
}

// homeSwarmAge is how long a HomeSwarm is reused. Its trackers and web seeds change while the torrent is in its swarm.
const homeSwarmAge = time.Minute

// Swarm returns how the site of a home can be loaded from its swarm; nil while its list of files has not arrived. ok is
// false if browsers must not load it by themselves: its home is off, its torrent is private (BEP 27), or its pages may
// contact no other server, which a page around them could not enforce. It may be called for each request. The caller
// must not change the result.
func (h Homes) Swarm(name string) (found *HomeSwarm, ok bool) {
	const op = "sites: swarm of a home"
	one := h.engine.homes.byName[name]
	if one == nil || !one.on.Load() {
		return nil, false
	}
	var joined swarm.Torrent
	var info *swarm.Info
	var own []string
	refused := false
	now := HomeSwarm{}
	err := h.engine.withState(op, one.host, func(st *state) error {
		s := st.roster.here[one.host]
		if s == nil || s.torrent == nil || !s.torrent.ready {
			return nil
		}
		t := s.torrent
		if refused = t.info.Private || s.row.NoClearnet; refused {
			return nil
		}
		joined, info = t.joined, t.info
		now = HomeSwarm{Title: s.row.Title, made: st.clock.Now()}
		now.WebSeeds = append(now.WebSeeds, s.row.WebSeeds...)
		if st.torrents.isTracked(t) {
			own = st.cfg.homeTracker().URLs
		}
		return nil
	})
	if err != nil || joined == nil {
		return nil, !refused // The engine is stopping, or the list has not arrived.
	}
	now.Infohash = joined.Infohash()
	before := one.swarm.Load()
	if before != nil && before.Infohash == now.Infohash && now.made.Sub(before.made) < homeSwarmAge {
		now.Metainfo, now.Trackers, now.WebSeeds, now.made = before.Metainfo, before.Trackers, before.WebSeeds, before.made
		return &now, true
	}
	now.Trackers = own
	for _, tr := range joined.Trackers() {
		if strings.HasPrefix(tr.URL, "wss:") || strings.HasPrefix(tr.URL, "ws:") {
			now.Trackers = union(now.Trackers, []string{tr.URL})
		}
	}
	if now.Metainfo, err = swarm.MakeMetainfo(info.Bytes, now.Trackers, now.WebSeeds, nil); err != nil {
		h.engine.cfg.Logger.Error("sites: a home's site has no metainfo for browsers", "host", one.host, "err", err)
		return nil, true
	}
	one.swarm.Store(&now)
	return &now, true
}
