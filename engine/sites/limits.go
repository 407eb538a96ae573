package sites

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"wtptui/engine"
)

const limitsKey = "limits"

// SetLimits implements engine.Engine.
func (e *Engine) SetLimits(_ context.Context, limits engine.Limits) error {
	const op = "sites: set limits"
	if limits.Down < 0 || limits.Up < 0 {
		return &engine.Error{Op: op, Kind: engine.Invalid, Msg: "a limit is a number of bytes per second, or 0 for none"}
	}
	data, err := json.Marshal(limits)
	if err != nil {
		return &engine.Error{Op: op, Kind: engine.Internal, Err: err}
	}
	if err := e.cfg.Store.PutSetting(limitsKey, data); err != nil {
		return storeError(op, "", err)
	}
	e.cfg.Swarm.SetLimits(limits)
	e.mu.Lock()
	e.limits = limits
	e.mu.Unlock()
	e.publish()
	return nil
}

// restoreLimits applies the configured limits, and where there are none, what SetLimits was told last.
func (e *Engine) restoreLimits() error {
	data, err := e.cfg.Store.Setting(limitsKey)
	if err != nil {
		return fmt.Errorf("sites: load limits: %w", err)
	}
	var last engine.Limits
	if data != nil {
		if err := json.Unmarshal(data, &last); err != nil {
			e.cfg.Logger.Warn("sites: the stored limits are damaged: there are none now", "err", err)
			last = engine.Limits{}
		}
	}
	e.limits = engine.Limits{Down: cmp.Or(e.cfg.Limits.Down, last.Down), Up: cmp.Or(e.cfg.Limits.Up, last.Up)}
	e.cfg.Swarm.SetLimits(e.limits)
	return nil
}
