package fake

import (
	"context"

	"wtptui/engine"
)

// keys are those of the play's machine.
type keys struct{ all []engine.Key }

// Keys implements engine.Engine.
func (k *keys) Keys(ctx context.Context) ([]engine.Key, error) {
	return append([]engine.Key{}, k.all...), ctx.Err()
}
