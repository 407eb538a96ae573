package sites

import (
	"context"

	"wtptui/engine"
)

func unbuilt(op string) error {
	return &engine.Error{Op: "sites: " + op, Kind: engine.Unavailable, Msg: "this wtptui cannot do that yet"}
}

// Switch implements engine.Engine.
func (e *Engine) Switch(context.Context, string, string) error { return unbuilt("switch") }

// Resolve implements engine.Engine.
func (e *Engine) Resolve(context.Context, string) (engine.Name, error) {
	return engine.Name{}, unbuilt("resolve")
}

// Publish implements engine.Engine.
func (e *Engine) Publish(context.Context, engine.PublishRequest, func(engine.PublishProgress)) (engine.Publication, error) {
	return engine.Publication{}, unbuilt("publish")
}

// Probe implements engine.Engine.
func (e *Engine) Probe(context.Context, string) (engine.Reach, error) {
	return engine.Reach{}, unbuilt("probe")
}

// Export implements engine.Engine.
func (e *Engine) Export(context.Context, string, string) error { return unbuilt("export") }

// Metainfo implements engine.Engine.
func (e *Engine) Metainfo(context.Context, string) ([]byte, error) { return nil, unbuilt("metainfo") }
