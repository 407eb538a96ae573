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

// stopTimeout is how long a program that is about to end may take: it first writes down what it has fetched (see
// flushTimeout).
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

// stopping is one `wtptui stop`.
type stopRun struct {
	dir            string // the data folder
	stdout, stderr io.Writer
}

// run ends the engine, if one runs.
func (s stopRun) run(ctx context.Context, dial func(context.Context, dialPolicy) (*control.Client, error), wait dialPolicy) error {
	c, err := dial(ctx, wait)
	switch {
	case control.NobodyListens(err):
		fmt.Fprintln(s.stdout, "no wtptui runs for "+s.dir)
		return nil
	case err != nil:
		return err
	}
	defer c.Close()
	who := describeHolder(s.dir)
	if c.AsksBeforeStop() {
		fmt.Fprintf(s.stderr, "wtptui: the engine is a dashboard's%s: it asks there whether to end\n", who)
	}
	if err := s.stopEngine(ctx, c, who); err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, "stopped wtptui"+who)
	return nil
}

// stoppable is an engine that can be told to end: a control.Client or a control.Attachment.
type stoppable interface {
	Stop(ctx context.Context) error
}

// end tells the engine of the program that has the data folder, who, to end, and waits until it has.
func (s stopRun) stopEngine(ctx context.Context, eng stoppable, who string) error {
	err := eng.Stop(ctx)
	// A program that ends may do so before its reply has arrived.
	if err != nil && (engine.KindOf(err) != engine.Unavailable || s.isHeldBy(who)) {
		return err
	}
	return s.waitForEnd(ctx, who)
}

// runs reports whether the data folder still has who.
func (s stopRun) isHeldBy(who string) bool { return isInUse(s.dir) && describeHolder(s.dir) == who }

// waitForEnd returns when the program that had the data folder does not have it any more. A service manager may have
// started another one by then.
func (s stopRun) waitForEnd(ctx context.Context, who string) error {
	timeout := time.NewTimer(stopTimeout)
	defer timeout.Stop()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for s.isHeldBy(who) {
		select {
		case <-ticker.C:
		case <-timeout.C:
			return &engine.Error{
				Op: "stop", Kind: engine.Unavailable,
				Msg: "the wtptui" + who + " has been told to end and has not ended yet: its log says what it waits for",
			}
		case <-ctx.Done():
			return interruptedError(ctx, "stop")
		}
	}
	return nil
}

// stopRequest says that `wtptui stop` wants a program without a screen to end. It has room for one.
type stopRequest chan struct{}

// ending ends the program without asking anybody.
func (r stopRequest) ending() control.Ending {
	return control.Ending{End: func(context.Context) error {
		select {
		case r <- struct{}{}:
		default: // It ends already.
		}
		return nil
	}}
}
