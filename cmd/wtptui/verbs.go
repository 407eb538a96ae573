package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// verbMakers are of the verbs of the contract that need nothing but hosts.
func verbMakers(c *client) []commandMaker {
	var makers []commandMaker
	for _, verb := range engine.Verbs() {
		if verb == engine.RemoveNow || verb == engine.AcceptKey {
			continue // The first is a flag of remove, and the second is made by acceptKeyCommand.
		}
		makers = append(makers, commandMaker{string(verb), func() *cobra.Command { return verbCommand(c, verb) }})
	}
	return makers
}

func verbCommand(c *client, verb engine.Verb) *cobra.Command {
	cmd := &cobra.Command{
		Use:     string(verb) + " HOST...",
		Short:   verb.Help(),
		GroupID: groupSites,
		Args:    cobra.MatchAll(some("one or more hosts"), hosts),

		ValidArgsFunction: c.complete.hosts(manyHosts),
		RunE: c.connected(func(ctx context.Context, eng engine.Engine, args []string) error {
			return c.do(ctx, eng, verb, args)
		}),
	}
	takeLists(c, verb, cmd)
	takeBin(c, verb, cmd)
	return cmd
}

// portion is how many sites a verb is asked for at once: what is done is told while the rest is waited for.
const portion = 200

// do applies a verb to every host, also where it fails for some of them. A person who waits for many sees how many are
// done.
func (c *client) do(ctx context.Context, eng engine.Engine, verb engine.Verb, args []string) error {
	hosts, err := siteHosts(ctx, eng, args, candidatesFor(verb))
	if err != nil {
		return err
	}
	line := newProgress(c.stderr)
	defer line.clear()
	var failed error
	done := 0
	for some := range slices.Chunk(hosts, portion) {
		if len(hosts) > portion {
			fmt.Fprintf(line.w, "%s%s %d of %d", eraseLine, verb.Done(), done, len(hosts))
		}
		err := eng.Do(ctx, verb, some...)
		var failures *engine.Failures
		switch {
		case err == nil, errors.As(err, &failures):
		case ctx.Err() != nil:
			return &engine.Error{
				Op: string(verb), Kind: engine.Unavailable, Err: ctx.Err(),
				Msg: fmt.Sprintf("interrupted after %d of %d; `wtptui ls` shows whether others were done", done, len(hosts)),
			}
		case len(some) > 1:
			return err // It is about none of them.
		}
		line.clear()
		if c.tellDone(verb, some, engine.FailuresOf(err, some)) {
			failed = errReported
		}
		done += len(some)
	}
	return failed
}

// tellDone says for which hosts a verb was done, and why it was not for others; it reports whether there are such.
func (c *client) tellDone(verb engine.Verb, hosts []string, failures map[string]error) (failed bool) {
	for _, host := range hosts {
		if why := failures[host]; why != nil {
			fmt.Fprintf(c.stderr, "wtptui: %s: %s\n", host, engine.Message(why))
			failed = true
			continue
		}
		fmt.Fprintln(c.stdout, verb.Done(), host)
	}
	return failed
}
