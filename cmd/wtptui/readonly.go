package main

import (
	"context"

	"wtptui/engine"
)

// readOnly is a view of another machine's engine that refuses all changes.
type readOnly struct {
	engine.Engine

	machine string
}

var _ engine.Engine = readOnly{}

func (r readOnly) refuse(op, host string) error { return readOnlyError(op, host, r.machine) }

// readOnlyError returns the error for a change on a machine that is read-only.
func readOnlyError(op, host, machine string) error {
	return &engine.Error{
		Op: op, Host: host, Kind: engine.Refused,
		Msg: "nothing was changed: " + machine + " is read-only from here: to allow changes, take read-only out of [fleet." +
			machine + "] in config.toml",
	}
}

// Add implements engine.Engine. It is refused, since it would open the site there.
func (r readOnly) Add(context.Context, engine.AddRequest) (engine.Site, error) {
	return engine.Site{}, r.refuse("add", "")
}

// Do implements engine.Engine.
func (r readOnly) Do(_ context.Context, verb engine.Verb, hosts ...string) error {
	if len(hosts) == 0 {
		return nil
	}
	return r.refuse(string(verb), "")
}

// KeepOpen implements engine.Engine. It does nothing, so that the cache periods of sites go on.
func (r readOnly) KeepOpen(ctx context.Context, _ ...string) error {
	<-ctx.Done()
	return nil
}

// Assign implements engine.Engine.
func (r readOnly) Assign(_ context.Context, _ engine.Assignment, hosts ...string) error {
	if len(hosts) == 0 {
		return nil
	}
	return r.refuse("assign", "")
}

// SetLimits implements engine.Engine.
func (r readOnly) SetLimits(context.Context, engine.Limits) error { return r.refuse("limits", "") }

// SetHome implements engine.Engine.
func (r readOnly) SetHome(context.Context, string, bool) error { return r.refuse("home", "") }

// Switch implements engine.Engine.
func (r readOnly) Switch(_ context.Context, host, _ string) error { return r.refuse("switch", host) }

// Publish implements engine.Engine. A dry run changes nothing and is allowed.
func (r readOnly) Publish(
	ctx context.Context, req engine.PublishRequest, progress func(engine.PublishProgress),
) (engine.Publication, error) {
	if req.DryRun {
		return r.Engine.Publish(ctx, req, progress)
	}
	return engine.Publication{}, r.refuse("publish", "")
}

// Export implements engine.Engine. It is refused, since it would write files there.
func (r readOnly) Export(_ context.Context, host string, _ engine.ExportRequest) error {
	return r.refuse("export", host)
}
