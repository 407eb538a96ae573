package sites

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"wtptui/engine"
	"wtptui/store"
)

const limitsKey = "limits"

// SetLimits implements engine.Engine.
func (e *Engine) SetLimits(ctx context.Context, limits engine.Limits) error {
	const op = "sites: set limits"
	if limits.Down < 0 || limits.Up < 0 {
		return &engine.Error{Op: op, Kind: engine.Invalid, Msg: "a limit is a number of bytes per second, or 0 for none"}
	}
	data, err := json.Marshal(limits)
	if err != nil {
		return &engine.Error{Op: op, Kind: engine.Internal, Err: err}
	}
	if err := e.write(ctx, op, "", func(tx *store.Tx) error { return tx.PutSetting(limitsKey, data) }); err != nil {
		return err
	}
	e.cfg.Swarm.SetLimits(limits)
	return e.ask(op, "", func(st *state) error {
		st.panel.limits = limits
		st.panel.publish()
		return nil
	})
}

// restoreLimits applies the configured limits, and where there are none, what SetLimits was told last.
func (p *panel) restoreLimits() error {
	data, err := p.cfg.Store.Setting(limitsKey)
	if err != nil {
		return fmt.Errorf("sites: load limits: %w", err)
	}
	var last engine.Limits
	if data != nil {
		if err := json.Unmarshal(data, &last); err != nil {
			p.cfg.Logger.Warn("sites: the stored limits are damaged: there are none now", "err", err)
			last = engine.Limits{}
		}
	}
	p.limits = engine.Limits{Down: cmp.Or(p.cfg.Limits.Down, last.Down), Up: cmp.Or(p.cfg.Limits.Up, last.Up)}
	p.cfg.Swarm.SetLimits(p.limits)
	return nil
}
