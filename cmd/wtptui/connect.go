package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// socketName is the name of the control socket in the data folder.
const socketName = "control.sock"

// connector connects to the engine of the data folder, or to one on another machine.
type connector struct {
	environment
	settings *settings // they decide where the data folder is
	// attachTo is the address of the other machine's engine, from --attach; empty for the engine of this machine.
	attachTo string
	// machineName is the name of a machine of the fleet, from --on. machine is that machine.
	machineName string
	machine     fleetMachine
}

// socket returns the path of the control socket.
func (cn *connector) socket() string { return filepath.Join(cn.settings.dataDir(), socketName) }

// client is shared by the verbs that talk to the running engine.
type client struct {
	*connector
	complete completion
}

func newClient(env environment, s *settings) *client {
	cn := &connector{environment: env, settings: s}
	return &client{connector: cn, complete: completion{cn}}
}

// withEngine returns the RunE of a verb that needs a connection to the running engine.
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

// restrict returns the engine, or a read-only view of it if the machine is read-only in config.toml.
func (cn *connector) restrict(e engine.Engine) engine.Engine {
	if cn.machine.readOnly {
		return readOnly{e, cn.machine.name}
	}
	return e
}

// snapshot returns the engine's current snapshot.
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

// engineStoppedError returns the reason why a watch has ended early.
func engineStoppedError(ctx context.Context) error {
	if ctx.Err() != nil {
		return interruptedError(ctx, "watch")
	}
	return &engine.Error{Op: "watch", Kind: engine.Unavailable, Msg: "the running wtptui has stopped"}
}

func interruptedError(ctx context.Context, op string) error {
	return &engine.Error{Op: op, Kind: engine.Unavailable, Msg: "interrupted", Err: ctx.Err()}
}
