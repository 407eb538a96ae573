package fake

import (
	"context"
	"crypto/sha256"

	"wtptui/engine"
)

// keys are those of the play's machine.
type keys struct{ all []engine.Key }

// Keys implements engine.Engine.
func (k *keys) Keys(ctx context.Context) ([]engine.Key, error) {
	return append([]engine.Key{}, k.all...), ctx.Err()
}

// keyOf is the key of that name, the same one in every run.
func keyOf(name string) engine.Key {
	return engine.Key{Name: name, Host: engine.PublicKey(sha256.Sum256([]byte(name))).Host()}
}
