package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// socketName is the control socket in the data folder.
const socketName = "control.sock"

func (p *program) socket() string { return filepath.Join(p.settings.dataDir(), socketName) }

// connected makes the RunE of a verb that talks to the engine that runs.
func (p *program) connected(verb func(ctx context.Context, eng engine.Engine, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := p.dial(cmd.Context())
		if err != nil {
			return err
		}
		defer c.Close()
		return verb(cmd.Context(), c, args)
	}
}

// snapshot is the engine's state now.
func snapshot(ctx context.Context, eng engine.Engine) (engine.Snapshot, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ch, err := eng.Watch(ctx)
	if err != nil {
		return engine.Snapshot{}, err
	}
	s, ok := <-ch
	if !ok {
		return s, engineGone(ctx)
	}
	return s, nil
}

// engineGone is why a watch ended before it gave what was waited for.
func engineGone(ctx context.Context) error {
	if ctx.Err() != nil {
		return interrupted(ctx, "watch")
	}
	return &engine.Error{Op: "watch", Kind: engine.Unavailable, Msg: "the running wtptui has stopped"}
}

func interrupted(ctx context.Context, op string) error {
	return &engine.Error{Op: op, Kind: engine.Unavailable, Msg: "interrupted", Err: ctx.Err()}
}
