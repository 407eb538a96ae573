package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// stopTimeout is how long a program may take to end: it first writes what it has downloaded (see flushTimeout).
const stopTimeout = drainTimeout + flushTimeout + 5*time.Second

func stopCommand(c *client) *cobra.Command {
	return &cobra.Command{
		Use:     "stop",
		Short:   "End the wtptui that runs, in the background, as a service or with a dashboard",
		GroupID: groupRun,
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := c.requireLocal("stop"); err != nil {
				return err
			}
			s := stopRun{dir: c.settings.dataDir(), stdout: c.stdout, stderr: c.stderr}
			return s.run(cmd.Context(), c.dialHere, c.dialPolicy())
		},
	}
}

// stopRun is one run of `wtptui stop`.
type stopRun struct {
	dir            string // the data folder
	stdout, stderr io.Writer
}

// run stops the engine, if one runs.
func (s stopRun) run(
	ctx context.Context, dial func(context.Context, dialPolicy) (*control.Client, error), policy dialPolicy,
) error {
	c, err := dial(ctx, policy)
	switch {
	case control.NobodyListens(err):
		fmt.Fprintln(s.stdout, "no wtptui runs for "+s.dir)
		return nil
	case err != nil:
		return err
	}
	defer c.Close()
	holder := describeHolder(s.dir)
	if c.AsksBeforeStop() {
		fmt.Fprintf(s.stderr, "wtptui: the engine belongs to a dashboard%s, which now asks whether to end\n", holder)
	}
	if err := s.stopEngine(ctx, c, holder); err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, "stopped wtptui"+holder)
	return nil
}

// stoppable is an engine that can be asked to stop: a control.Client or a control.Attachment.
type stoppable interface {
	Stop(ctx context.Context) error
}

// stopEngine asks the engine to stop, and waits until the data folder is no longer locked by its holder.
func (s stopRun) stopEngine(ctx context.Context, eng stoppable, holder string) error {
	err := eng.Stop(ctx)
	// The program may end before its reply has arrived.
	if err != nil && (engine.KindOf(err) != engine.Unavailable || s.isHeldBy(holder)) {
		return err
	}
	return s.waitForEnd(ctx, holder)
}

// isHeldBy reports whether the holder still locks the data folder.
func (s stopRun) isHeldBy(holder string) bool {
	return isInUse(s.dir) && describeHolder(s.dir) == holder
}

// waitForEnd waits until the holder has released the data folder. A service manager may have started another program by
// then.
func (s stopRun) waitForEnd(ctx context.Context, holder string) error {
	timeout := time.NewTimer(stopTimeout)
	defer timeout.Stop()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for s.isHeldBy(holder) {
		select {
		case <-ticker.C:
		case <-timeout.C:
			return &engine.Error{
				Op: "stop", Kind: engine.Unavailable,
				Msg: "the wtptui" + holder + " was asked to end and has not ended yet: see its log for what it waits for",
			}
		case <-ctx.Done():
			return interruptedError(ctx, "stop")
		}
	}
	return nil
}

// stopRequest gets a value when `wtptui stop` asks a program without a screen to end. It has a buffer of one.
type stopRequest chan struct{}

// ending returns how the control server ends the program: without asking anybody.
func (r stopRequest) ending() control.StopHandler {
	return control.StopHandler{Stop: func(context.Context) error {
		select {
		case r <- struct{}{}:
		default: // It is ending already.
		}
		return nil
	}}
}
