package sites

import (
	"context"
	"slices"

	"wtptui/engine"
)

// Assign implements engine.Engine.
func (e *Engine) Assign(ctx context.Context, a engine.Assignment, hosts ...string) error {
	const op = "sites: assign"
	a, err := a.Check()
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return canceledError(ctx, op, "")
	}
	written := make(chan error, 1)
	var failed error
	err = e.withState(op, "", func(st *state) error {
		failed = engine.ForEachHost(hosts, func(host string) error { return st.assign(op, host, a) })
		st.journal.flush(func(err error) { written <- err })
		return nil
	})
	if err != nil {
		return err
	}
	if err := awaitWrite(ctx, op, "", written); err != nil {
		return err
	}
	return failed
}

// assign changes one site.
func (st *state) assign(op, host string, a engine.Assignment) error {
	s, err := st.roster.find(op, host)
	if err != nil {
		return err
	}
	labels, err := a.ApplyToLabels(s.row.Labels)
	if err != nil {
		return &engine.Error{Op: op, Host: host, Kind: engine.KindOf(err), Msg: engine.Message(err)}
	}
	enough := s.row.Enough
	if a.SetEnough {
		enough = a.Enough
	}
	if slices.Equal(labels, s.row.Labels) && enough == s.row.Enough {
		return nil
	}
	s.row.Labels, s.row.Enough = labels, enough
	st.journal.markDirty(s)
	st.swarm.reconcileAll(s)
	st.events.changed = true
	return nil
}
