package sites

import (
	"context"

	"wtptui/engine"
)

// Keys implements engine.Engine.
func (e *Engine) Keys(ctx context.Context) ([]engine.Key, error) {
	if err := e.withState("sites: keys", "", func(*state) error { return ctx.Err() }); err != nil {
		return nil, err
	}
	if e.cfg.Keys == nil {
		return []engine.Key{}, nil
	}
	return e.cfg.Keys.List()
}
