package fake

import (
	"context"

	"wtptui/engine"
)

// KeepOpen implements engine.Engine.
func (e *Engine) KeepOpen(ctx context.Context, hosts ...string) error {
	if err := e.checkUsable(context.WithoutCancel(ctx), "keep open"); err != nil {
		return err
	}
	var kept []*site
	e.mu.Lock()
	for _, host := range hosts {
		if s := e.world.sites[host]; s != nil && s.State != engine.Found {
			s.keepOpenCount++
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
		s.keepOpenCount--
		s.InUse = s.keepOpenCount > 0 || s.script.InUse
		s.restartCachePeriod(e.world.now, e.world.life.ttl)
	}
	e.publish()
	e.mu.Unlock()
	return e.checkUsable(context.WithoutCancel(ctx), "keep open")
}
