package swarm

import (
	"testing"

	"github.com/anacrolix/torrent/metainfo"
)

// TestConnectionBudget: however many come, no more stay than may.
func TestConnectionBudget(t *testing.T) {
	s := newSite(t, 16<<10, 50_000)
	cfg := config(t)
	cfg.MaxConns = 5
	c := start(t, cfg)
	publish(t, c, s)
	peers := make([]*badPeer, 12)
	for i := range peers {
		peers[i] = &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info, quiet: true, block: func(int, int,
			int,
		) []byte {
			return nil
		}}
		peers[i].connectTo(c)
	}
	eventually(t, "the surplus is closed", func() bool {
		open := 0
		for _, p := range peers {
			if !p.isGone() {
				open++
			}
		}
		return open <= cfg.MaxConns
	})
	eventually(t, "no more are counted than may be", func() bool {
		return c.torrents.get(rawHash(t,
			s.hash)).Stats().Peers <= cfg.MaxConns
	})
}

// TestConnectionLimitsChangeWhileConnected: limits that are lowered while many are connected apply soon, to each
// torrent and to all; when they are raised, more may connect.
func TestConnectionLimitsChangeWhileConnected(t *testing.T) {
	c := start(t, config(t))
	var sites [3]*site
	connectTo := func(s *site) *badPeer {
		p := &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info, quiet: true}
		p.block = func(int, int, int) []byte { return nil }
		p.connectTo(c)
		return p
	}
	peers := func(s *site) int { return c.torrents.get(rawHash(t, s.hash)).Stats().Peers }
	all := func() int { return peers(sites[0]) + peers(sites[1]) + peers(sites[2]) }
	for i := range sites {
		sites[i] = newSite(t, 16<<10, 50_000+i)
		publish(t, c, sites[i])
		for range 12 {
			connectTo(sites[i])
		}
	}
	eventually(t, "all are connected", func() bool { return all() == 36 })
	c.SetMaxConns(0, 5)
	eventually(t, "each torrent has as many as it may", func() bool {
		return peers(sites[0]) <= 5 && peers(sites[1]) <= 5 && peers(sites[2]) <= 5
	})
	c.SetMaxConns(8, 5)
	eventually(t, "all have as many as they may", func() bool { return all() <= 8 && c.budget.open.Load() <= 8 })
	c.SetMaxConns(2, 5)
	eventually(t, "fewer than there are torrents", func() bool { return all() <= 2 && c.budget.open.Load() <= 2 })
	c.SetMaxConns(0, 20)
	var more [15]*badPeer
	eventually(t, "more may come", func() bool {
		for i, p := range more {
			if p == nil || p.isGone() { // It connected before the new limits applied, and tries again.
				more[i] = connectTo(sites[0])
			}
		}
		return peers(sites[0]) >= len(more)
	})
}

// TestIdleTorrentsLeaveTheirConnectionBudget: many torrents without readers leave the budget to the one that needs it.
func TestIdleTorrentsLeaveTheirConnectionBudget(t *testing.T) {
	cfg := config(t)
	cfg.MaxConns = 40
	c := start(t, cfg)
	for i := range 60 {
		s := newSite(t, 16<<10, 0, 0)
		var info metainfo.Info
		info.Name, info.PieceLength = itoa(i), 16<<10
		s.seal(t, info)
		add(t, c, Spec{Infohash: s.hash, Info: s.info})
	}
	needy := add(t, c, Spec{Infohash: newSite(t, 16<<10, 10).hash}).(*handle)
	share := func() int {
		c.budget.mu.Lock()
		defer c.budget.mu.Unlock()
		return c.budget.shares[needy.connShare]
	}
	eventually(t, "the needy torrent gets the budget", func() bool { return share() == cfg.MaxConns })
}
