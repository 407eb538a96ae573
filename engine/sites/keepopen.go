package sites

import (
	"context"
	"time"
)

// KeepOpen implements engine.Engine.
func (a *stateAccess) KeepOpen(ctx context.Context, hosts ...string) error {
	const op = "sites: keep open"
	var kept []*site
	err := a.withState(op, "", func(st *state) error {
		now := st.clock.Now()
		for _, host := range uniqueHosts(hosts) {
			if s := st.roster.here[host]; s != nil && !s.row.Found {
				s.holdForRequest(now)
				kept = append(kept, s)
			}
		}
		st.events.changed = st.events.changed || len(kept) > 0
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-a.owner.ctx.Done():
	}
	return a.withState(op, "", func(st *state) error {
		for _, s := range kept {
			s.row.LastOpen = st.clock.Now()
			st.releaseRequest(s)
		}
		return nil
	})
}

// renewInUse restarts the cache period of sites in use well before it ends, so that after a kill the next start finds
// them open.
func (c *cache) renewInUse(now time.Time) {
	for _, s := range c.roster.here {
		if s.inUse > 0 && !s.row.Pinned && !s.row.Found && s.row.ExpiresAt.Sub(now) < c.cfg.CacheTTL/2 {
			s.row.LastOpen = now
			s.touch(now, c.cfg.CacheTTL)
			c.journal.markDirty(s)
			c.events.changed = true
		}
	}
}
