package fake

import (
	"context"

	"wtptui/engine"
)

// KeepOpen implements engine.Engine.
func (e *Engine) KeepOpen(ctx context.Context, hosts ...string) error {
	if err := e.usable(context.WithoutCancel(ctx), "keep open"); err != nil {
		return err
	}
	var kept []*site
	e.mu.Lock()
	for _, host := range hosts {
		if s := e.world.sites[host]; s != nil && s.State != engine.Found {
			s.kept++
			s.InUse = true
			kept = append(kept, s)
		}
	}
	e.publish()
	for !e.closed && ctx.Err() == nil {
		stepped := e.world.stepped
		e.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-stepped:
		}
		e.mu.Lock()
	}
	for _, s := range kept {
		s.kept--
		s.InUse = s.kept > 0 || s.plan.InUse
		s.open(e.world.now, e.world.life.ttl)
	}
	e.publish()
	e.mu.Unlock()
	return e.usable(context.WithoutCancel(ctx), "keep open")
}
