package fake

import (
	"context"

	"wtptui/engine"
)

// Assign implements engine.Engine.
func (e *Engine) Assign(ctx context.Context, a engine.Assignment, hosts ...string) error {
	if err := e.checkUsable(ctx, "assign"); err != nil {
		return err
	}
	a, err := a.Check()
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	defer e.publish()
	return engine.ForEachHost(hosts, func(host string) error { return e.world.assign(a, host) })
}

func (st *world) assign(a engine.Assignment, host string) error {
	s, err := st.findSite("assign", host)
	if err != nil {
		return err
	}
	labels, err := a.ApplyToLabels(s.Labels)
	if err != nil {
		return &engine.Error{Op: "fake: assign", Host: host, Kind: engine.KindOf(err), Msg: engine.Message(err)}
	}
	s.Labels = labels
	if a.SetEnough {
		s.Enough = a.Enough
		s.Resting = s.Resting && s.canKeepResting()
	}
	return nil
}
