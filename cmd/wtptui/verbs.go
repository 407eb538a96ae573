package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// verbTexts are what the verbs of the contract do, for the help, and what they have done.
var verbTexts = map[engine.Verb]struct{ short, done string }{
	engine.Pin:        {"Keep and seed sites for ever", "pinned"},
	engine.Unpin:      {"Let sites expire again", "unpinned"},
	engine.Touch:      {"Start the time to expiry over", "touched"},
	engine.Pause:      {"Leave the swarm but keep the data", "paused"},
	engine.Resume:     {"Join the swarm again", "resumed"},
	engine.Announce:   {"Ask trackers and DHT for peers now", "announced"},
	engine.Verify:     {"Hash all data again", "verifying"},
	engine.Allow:      {"Accept sites that were refused for their size", "allowed"},
	engine.NoClearnet: {"Keep the sites' pages from asking any other server for anything", "kept from the clearnet"},
	engine.Clearnet:   {"Let the sites' pages ask other servers again", "let onto the clearnet"},
	engine.AcceptKey:  {"Let the key decide where a site is that its domain names now", "accepted the new key of"},
	engine.Evict:      {"Leave the swarm and put the data into the bin", "evicted"},
	engine.Undo:       {"Bring back what was evicted or removed", "restored"},
	engine.Remove:     {"Put data, pin and history into the bin", "removed"},
	engine.RemoveNow:  {"", "deleted"},
}

func verbCommands(c *client) []*cobra.Command {
	var cmds []*cobra.Command
	for _, verb := range engine.Verbs() {
		switch verb {
		case engine.RemoveNow: // It is a flag of remove.
			continue
		case engine.AcceptKey:
			cmds = append(cmds, acceptKeyCommand(c))
			continue
		}
		cmd := &cobra.Command{
			Use:     string(verb) + " HOST...",
			Short:   verbTexts[verb].short,
			GroupID: groupSites,
			Args:    cobra.MatchAll(some("one or more hosts"), hosts),

			ValidArgsFunction: c.complete.hosts(manyHosts),
			RunE: c.connected(func(ctx context.Context, eng engine.Engine, args []string) error {
				return c.do(ctx, eng, verb, args)
			}),
		}
		takeLists(c, verb, cmd)
		takeBin(c, verb, cmd)
		cmds = append(cmds, cmd)
	}
	return cmds
}

// do applies a verb to every host, also where it fails for some of them.
func (c *client) do(ctx context.Context, eng engine.Engine, verb engine.Verb, args []string) error {
	hosts, err := siteHosts(ctx, eng, args, candidatesFor(verb))
	if err != nil {
		return err
	}
	err = eng.Do(ctx, verb, hosts...)
	var some *engine.Failures
	switch {
	case err == nil, errors.As(err, &some):
	case ctx.Err() != nil:
		return &engine.Error{
			Op: string(verb), Kind: engine.Unavailable,
			Msg: "interrupted: `wtptui ls` shows whether it was done", Err: ctx.Err(),
		}
	case len(hosts) > 1:
		return err // It is about none of them.
	}
	var failed error
	failures := engine.FailuresOf(err, hosts)
	for _, host := range hosts {
		if why := failures[host]; why != nil {
			fmt.Fprintf(c.stderr, "wtptui: %s: %s\n", host, engine.Message(why))
			failed = errReported
			continue
		}
		fmt.Fprintln(c.stdout, verbTexts[verb].done, host)
	}
	return failed
}
