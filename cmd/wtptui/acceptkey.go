package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// acceptKeyRun is one run of the verb accept-key.
type acceptKeyRun struct {
	*client

	yes bool
}

// acceptKeyCommand returns the verb accept-key.
func acceptKeyCommand(c *client) *cobra.Command {
	a := acceptKeyRun{client: c}
	cmd := &cobra.Command{
		Use:               string(engine.AcceptKey) + " HOST",
		Short:             engine.AcceptKey.Help(),
		GroupID:           groupSites,
		Args:              cobra.MatchAll(exactArgs(1, "one host"), checkHosts),
		ValidArgsFunction: c.complete.hosts(1),
		RunE: c.withEngine(func(ctx context.Context, eng engine.Engine, args []string) error {
			return a.run(ctx, eng, args[0])
		}),
	}
	cmd.Flags().BoolVarP(&a.yes, "yes", "y", false, "do not ask")
	return cmd
}

// run shows the key that would be accepted, asks the person, and accepts it.
func (a *acceptKeyRun) run(ctx context.Context, eng engine.Engine, arg string) error {
	host, err := findHost(ctx, eng, arg)
	if err != nil {
		return err
	}
	d, err := eng.Detail(ctx, host)
	if err != nil {
		return err
	}
	next := d.Site.NextKey
	if next == "" {
		fmt.Fprintln(a.stdout, host, "has no other key to accept")
		return nil
	}
	printFields(a.stdout,
		"site", host,
		"title", d.Site.Title,
		"current key", cmp.Or(decidingKey(d), "none"),
		"new key", next,
	)
	err = a.confirm(ctx, confirmation{
		op: string(engine.AcceptKey), yes: a.yes, question: "Accept the new key? From then on it decides where the site is.",
		noTerminal: "accept-key has to ask, and there is no terminal: --yes accepts the key without asking",
		declined:   "nothing was changed: the current key stays in force",
	})
	if err != nil {
		return err
	}
	// The domain may name yet another key by now.
	d, err = eng.Detail(ctx, host)
	if err == nil && d.Site.NextKey != next {
		err = &engine.Error{
			Op: string(engine.AcceptKey), Host: host, Kind: engine.Conflict,
			Msg: "the domain no longer names that key, so nothing was changed: run " +
				"`wtptui accept-key " + host + "` again",
		}
	}
	if err != nil {
		return err
	}
	return a.applyVerb(ctx, eng, engine.AcceptKey, []string{host})
}
