package sites

import (
	"context"

	"wtptui/engine"
)

func unbuilt(op string) error {
	return &engine.Error{Op: "sites: " + op, Kind: engine.Unavailable, Msg: "this wtptui cannot do that yet"}
}

// Probe implements engine.Engine.
func (e *Engine) Probe(context.Context, string) (engine.Reach, error) {
	return engine.Reach{}, unbuilt("probe")
}

// Export implements engine.Engine.
func (e *Engine) Export(context.Context, string, string) error { return unbuilt("export") }

// Metainfo implements engine.Engine.
func (e *Engine) Metainfo(context.Context, string) ([]byte, error) { return nil, unbuilt("metainfo") }
