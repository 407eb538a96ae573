package sites

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"wtptui/engine"
	"wtptui/store"
)

// The settings that store limits: an engine.Limits for all sites together, and a list of them for labels.
const (
	limitsKey      = "limits"
	labelLimitsKey = "label_limits"
)

// rates has the transfer limits.
type rates struct {
	cfg     *Config
	journal *journal
	// usual are the limits over all sites that a person has set, and scheduled those of a schedule that override them.
	usual     engine.Limits
	scheduled scheduledLimits
	byLabel   []engine.Limits // sorted by label; never changed in place, since snapshots share it
}

// scheduledLimits are the limits of a schedule. Each holds only if the On field is set.
type scheduledLimits struct {
	down, up     int64
	downOn, upOn bool
}

// limitsFrom returns the limits of a schedule.
func limitsFrom(s engine.Schedule) scheduledLimits {
	return scheduledLimits{
		down: s.Down, downOn: s.Down != engine.LimitUnchanged,
		up: s.Up, upOn: s.Up != engine.LimitUnchanged,
	}
}

// current returns the limits over all sites that hold now.
func (r *rates) current() engine.Limits {
	l := r.usual
	if r.scheduled.downOn {
		l.Down = r.scheduled.down
	}
	if r.scheduled.upOn {
		l.Up = r.scheduled.up
	}
	return l
}

// setScheduled overrides the usual limits with those of a schedule.
func (r *rates) setScheduled(s scheduledLimits) {
	r.scheduled = s
	r.cfg.Swarm.SetLimits(r.current())
}

// SetLimits implements engine.Engine. Limits that could not be saved hold until the engine ends.
func (e *Engine) SetLimits(ctx context.Context, limits engine.Limits) error {
	const op = "sites: set limits"
	limits, err := limits.Check()
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return canceledError(ctx, op, "")
	}
	written := make(chan error, 1)
	err = e.withState(op, "", func(st *state) error {
		defer st.snapshots.publish()
		return st.rates.set(limits, func(err error) { written <- err })
	})
	if err != nil {
		return err
	}
	return awaitWrite(ctx, op, "", written)
}

// set applies limits and stores them; done is called with the outcome.
func (r *rates) set(l engine.Limits, done func(error)) error {
	if l.Label == "" {
		if now := r.current(); l.Down != now.Down {
			r.usual.Down, r.scheduled.downOn = l.Down, false
		}
		if now := r.current(); l.Up != now.Up {
			r.usual.Up, r.scheduled.upOn = l.Up, false
		}
		return r.setUsual(r.usual, done)
	}
	r.byLabel = engine.ReplaceLimits(r.byLabel, l)
	r.cfg.Swarm.SetLimits(l)
	return r.save(labelLimitsKey, r.byLabel, done)
}

// setUsual sets the usual limits, which hold while no schedule overrides them.
func (r *rates) setUsual(l engine.Limits, done func(error)) error {
	r.usual = l
	r.cfg.Swarm.SetLimits(r.current())
	return r.save(limitsKey, r.usual, done)
}

func (r *rates) save(key string, value any, done func(error)) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("sites: set limits: %w", err)
	}
	r.journal.enqueue(storeChange{apply: func(tx *store.Tx) error { return tx.PutSetting(key, data) }, done: done})
	return nil
}

// restore applies the configured limits and, where there are none, those of the last SetLimits.
func (r *rates) restore() error {
	var all engine.Limits
	var byLabel []engine.Limits
	for key, last := range map[string]any{limitsKey: &all, labelLimitsKey: &byLabel} {
		data, err := r.cfg.Store.Setting(key)
		if err != nil {
			return fmt.Errorf("sites: load limits: %w", err)
		}
		if data == nil {
			continue
		}
		if err := json.Unmarshal(data, last); err != nil {
			r.cfg.Logger.Warn("sites: stored limits are damaged: there are none now", "setting", key, "err", err)
		}
	}
	r.usual = orDefault(r.cfg.Limits, all)
	r.cfg.Swarm.SetLimits(r.usual)
	for _, l := range byLabel {
		r.byLabel = engine.ReplaceLimits(r.byLabel, l)
	}
	for _, configured := range r.cfg.LabelLimits {
		r.byLabel = engine.ReplaceLimits(r.byLabel, orDefault(configured, limitsOfLabel(r.byLabel, configured.Label)))
	}
	for _, l := range r.byLabel {
		r.cfg.Swarm.SetLimits(l)
	}
	return nil
}

// orDefault returns l with its zero limits replaced by those of last.
func orDefault(l, last engine.Limits) engine.Limits {
	l.Down, l.Up = cmp.Or(l.Down, last.Down), cmp.Or(l.Up, last.Up)
	return l
}

// limitsOfLabel returns the limits of a label; zero if it has none.
func limitsOfLabel(all []engine.Limits, label string) engine.Limits {
	for _, l := range all {
		if l.Label == label {
			return l
		}
	}
	return engine.Limits{}
}
