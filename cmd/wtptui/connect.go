package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// socketName is the control socket in the data folder.
const socketName = "control.sock"

// connector is the way to the engine: that of the data folder, or one on another machine.
type connector struct {
	environment
	settings *settings // which say where the data folder is
	// attachTo is the address of another machine's engine, as --attach gives it; empty for this one's.
	attachTo string
	// on is the name of a machine of the fleet, as --on gives it; machine is that machine.
	machineName string
	machine     fleetMachine
}

func (cn *connector) socket() string { return filepath.Join(cn.settings.dataDir(), socketName) }

// client is what the verbs share that talk to the engine that runs.
type client struct {
	*connector
	complete completion
}

func newClient(env environment, s *settings) *client {
	cn := &connector{environment: env, settings: s}
	return &client{connector: cn, complete: completion{cn}}
}

// connected makes the RunE of a verb that talks to the engine that runs.
func (cn *connector) withEngine(
	verb func(ctx context.Context, eng engine.Engine, args []string) error,
) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := cn.dial(cmd.Context())
		if err != nil {
			return err
		}
		defer c.Close()
		return verb(cmd.Context(), cn.restrict(c), args)
	}
}

// guard returns the engine, or one that refuses changes where a person has said so.
func (cn *connector) restrict(e engine.Engine) engine.Engine {
	if cn.machine.readOnly {
		return readOnly{e, cn.machine.name}
	}
	return e
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
		return s, engineStoppedError(ctx)
	}
	return s, nil
}

// engineStoppedError is why a watch ended before it gave what was waited for.
func engineStoppedError(ctx context.Context) error {
	if ctx.Err() != nil {
		return interruptedError(ctx, "watch")
	}
	return &engine.Error{Op: "watch", Kind: engine.Unavailable, Msg: "the running wtptui has stopped"}
}

func interruptedError(ctx context.Context, op string) error {
	return &engine.Error{Op: op, Kind: engine.Unavailable, Msg: "interrupted", Err: ctx.Err()}
}
