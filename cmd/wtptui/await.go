package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wtptui/engine"
	"wtptui/localserve/control"
)

const (
	// startGrace is how long a program that starts may take until it has the data folder. A verb right behind
	// `wtptui serve &` starts at the same time as that does, and must not look too early.
	startGrace = 400 * time.Millisecond
	// startTimeout is how long a program that has the data folder may take until it answers. On its first start, and on one
	// that upgrades or restores a large database on a slow disk, that is long.
	startTimeout = time.Minute
	// pollInterval is the time between two attempts to reach it.
	pollInterval = 25 * time.Millisecond
	// noticeDelay is how long a person waits before being told what for.
	noticeDelay = time.Second
)

// errNoAnswer says that a program has the data folder and has not answered within the limit.
var errNoAnswer = errors.New("no answer")

// dialPolicy says how to wait for an engine that starts. Every connection to the engine of this machine is made with
// one, except those of completion, which must not wait, and those of an attached dashboard that has lost its engine,
// which tries again by itself.
type dialPolicy struct {
	// starting reports whether there is a program that will answer, or should.
	isStarting func() bool
	// limit is how long to wait for it.
	timeout time.Duration
	// delayed is called once if that takes longer than noticeDelay; it may be nil.
	onDelay func()
}

// dialPolicy returns how a verb waits for the process that has the data folder: it says so if that takes long, also
// where standard error is no terminal, so that a script that seems to hang explains itself.
func (cn *connector) dialPolicy() dialPolicy {
	dir := cn.settings.dataDir()
	return dialPolicy{
		isStarting: func() bool { return isInUse(dir) },
		timeout:    startTimeout,
		onDelay: func() {
			const format = "wtptui: waiting for the wtptui%s that has this data folder: it does not answer yet\n"
			fmt.Fprintf(cn.stderr, format, describeHolder(dir))
		},
	}
}

// reach calls connect again and again until it succeeds or fails for another reason than that nobody answers. While an
// engine is starting it goes on up to the limit, and then returns errNoAnswer. When none has been starting for
// startGrace it returns connect's error, which says that none runs. A connect that has reached one may take as long as
// it likes.
func (w dialPolicy) retry(ctx context.Context, connect func(context.Context) error) error {
	start := time.Now()
	lastSeen, notified := start, w.onDelay == nil
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		attempted := time.Now() // On a busy machine what follows can take longer than startGrace, and must come after it.
		err := connect(ctx)
		noListener := control.NobodyListens(err)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return interruptedError(ctx, "connect")
		case !noListener && !errors.Is(err, context.DeadlineExceeded):
			return err
		case w.isStarting():
			lastSeen = time.Now()
			waited := lastSeen.Sub(start)
			if waited >= w.timeout {
				return errNoAnswer
			}
			if !notified && waited >= noticeDelay {
				notified = true
				w.onDelay()
			}
		case !noListener || attempted.Sub(lastSeen) >= startGrace:
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return interruptedError(ctx, "connect")
		}
	}
}

// dial connects to the engine behind the socket at path. Its errors are those of reach and control.Dial.
func (w dialPolicy) dial(ctx context.Context, path string) (c *control.Client, err error) {
	err = w.retry(ctx, func(ctx context.Context) (err error) {
		c, err = control.Dial(ctx, path)
		return err
	})
	return c, err
}

// dialHere connects to the engine of the data folder.
func (cn *connector) dialHere(ctx context.Context, wait dialPolicy) (*control.Client, error) {
	c, err := wait.dial(ctx, cn.socket())
	return c, cn.explainNoAnswer(err)
}

// explain replaces errNoAnswer by an error that says what happened and what to do.
func (cn *connector) explainNoAnswer(err error) error {
	if !errors.Is(err, errNoAnswer) {
		return err
	}
	return &engine.Error{
		Op: "connect", Kind: engine.Unavailable, Err: err,
		Msg: "the wtptui" + describeHolder(cn.settings.dataDir()) + " that has this data folder does not answer: " +
			"see `wtptui doctor`, or end it and start it again",
	}
}
