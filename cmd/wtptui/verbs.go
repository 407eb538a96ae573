package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// verbMakers returns the makers of the contract's verbs that need nothing but hosts.
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
		Args:    cobra.MatchAll(someArgs("one or more hosts"), checkHosts),

		ValidArgsFunction: c.complete.hosts(anyNumber),
		RunE: c.withEngine(func(ctx context.Context, eng engine.Engine, args []string) error {
			return c.applyVerb(ctx, eng, verb, args)
		}),
	}
	addListOptions(c, verb, cmd)
	addBinOptions(c, verb, cmd)
	return cmd
}

// batchSize is the number of sites in one request of a verb: the outcome of each batch is printed while the next is
// processed.
const batchSize = 200

// applyVerb applies a verb to every host, even if it fails for some of them. With many hosts it shows the progress.
func (c *client) applyVerb(ctx context.Context, eng engine.Engine, verb engine.Verb, args []string) error {
	hosts, err := findHosts(ctx, eng, args, candidateSourceFor(verb))
	if err != nil {
		return err
	}
	progressLine := newProgress(c.stderr)
	defer progressLine.clear()
	var failed error
	done := 0
	for batch := range slices.Chunk(hosts, batchSize) {
		if len(hosts) > batchSize {
			fmt.Fprintf(progressLine.w, "%s%s %d of %d", eraseLine, verb.PastTense(), done, len(hosts))
		}
		err := eng.Do(ctx, verb, batch...)
		var failures *engine.Failures
		switch {
		case err == nil, errors.As(err, &failures):
		case ctx.Err() != nil:
			return &engine.Error{
				Op: string(verb), Kind: engine.Unavailable, Err: ctx.Err(),
				Msg: fmt.Sprintf("interrupted after %d of %d; `wtptui ls` shows whether others were done", done, len(hosts)),
			}
		case len(batch) > 1:
			return err // It is about all of them.
		}
		progressLine.clear()
		if err := c.printOutcomes(verb.PastTense(), batch, engine.FailuresByHost(err, batch)); err != nil {
			failed = err
		}
		done += len(batch)
	}
	return failed
}

// printOutcomes prints the outcome before each host that was changed, and the reason for each that was not. If there
// are such, it returns errReported.
func (c *client) printOutcomes(outcome string, hosts []string, failures map[string]error) (failed error) {
	for _, host := range hosts {
		if why := failures[host]; why != nil {
			fmt.Fprintf(c.stderr, "wtptui: %s: %s\n", host, engine.Message(why))
			failed = errReported
			continue
		}
		fmt.Fprintln(c.stdout, outcome, host)
	}
	return failed
}
