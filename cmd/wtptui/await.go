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
	// startGrace is how long a program may take from its start until it has locked the data folder. A verb right behind
	// `wtptui serve &` starts at the same time, and must not give up before.
	startGrace = 400 * time.Millisecond
	// startTimeout is how long a program that has locked the data folder may take until it answers. A first start takes
	// long, and so does one that upgrades or restores a large database on a slow disk.
	startTimeout = time.Minute
	// pollInterval is the time between two attempts.
	pollInterval = 25 * time.Millisecond
	// noticeDelay is how long a person waits before being told why.
	noticeDelay = time.Second
)

// errNoAnswer means that a program has locked the data folder and has not answered before the timeout.
var errNoAnswer = errors.New("no answer")

// dialPolicy says how to wait for an engine that is starting. Every connection to the engine of this machine uses one,
// with two exceptions: completion must not wait, and an attached dashboard that has lost its engine retries by itself.
type dialPolicy struct {
	// isStarting reports whether a program exists that answers later.
	isStarting func() bool
	// timeout is how long to wait for it.
	timeout time.Duration
	// onDelay is called once if that takes longer than noticeDelay; it may be nil.
	onDelay func()
}

// dialPolicy returns how a verb waits for the process that has locked the data folder. It prints a notice if that takes
// long, even where standard error is not a terminal, so that a script that seems to hang explains itself.
func (cn *connector) dialPolicy() dialPolicy {
	dir := cn.settings.dataDir()
	return dialPolicy{
		isStarting: func() bool { return isInUse(dir) },
		timeout:    startTimeout,
		onDelay: func() {
			const format = "wtptui: waiting for the wtptui%s that uses this data folder: it does not answer yet\n"
			fmt.Fprintf(cn.stderr, format, describeHolder(dir))
		},
	}
}

// retry calls connect until it succeeds, or fails for another reason than that nobody answers. While an engine is
// starting it goes on until the timeout, and then returns errNoAnswer. If none has been starting for startGrace it
// returns connect's error, which says that none runs. A connect that has reached an engine may take as long as it
// needs.
func (p dialPolicy) retry(ctx context.Context, connect func(context.Context) error) error {
	start := time.Now()
	lastSeen, notified := start, p.onDelay == nil
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		attempted := time.Now() // Taken before the attempt, which can take longer than startGrace on a busy machine.
		err := connect(ctx)
		noListener := control.NobodyListens(err)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return interruptedError(ctx, "connect")
		case !noListener && !errors.Is(err, context.DeadlineExceeded):
			return err
		case p.isStarting():
			lastSeen = time.Now()
			waited := lastSeen.Sub(start)
			if waited >= p.timeout {
				return errNoAnswer
			}
			if !notified && waited >= noticeDelay {
				notified = true
				p.onDelay()
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

// dial connects to the engine behind the socket at path. It returns the errors of retry and control.Dial.
func (p dialPolicy) dial(ctx context.Context, path string) (c *control.Client, err error) {
	err = p.retry(ctx, func(ctx context.Context) (err error) {
		c, err = control.Dial(ctx, path)
		return err
	})
	return c, err
}

// dialHere connects to the engine of the data folder.
func (cn *connector) dialHere(ctx context.Context, policy dialPolicy) (*control.Client, error) {
	c, err := policy.dial(ctx, cn.socket())
	return c, cn.explainNoAnswer(err)
}

// explainNoAnswer replaces errNoAnswer with an error that says what happened and what to do.
func (cn *connector) explainNoAnswer(err error) error {
	if !errors.Is(err, errNoAnswer) {
		return err
	}
	return &engine.Error{
		Op: "connect", Kind: engine.Unavailable, Err: err,
		Msg: "the wtptui" + describeHolder(cn.settings.dataDir()) + " that uses this data folder does not answer: " +
			"run `wtptui doctor`, or end that process and start wtptui again",
	}
}
