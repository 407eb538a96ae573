package main

import (
	"context"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// enoughCommand returns the verb enough, which sets at how many other seeds sites rest.
func enoughCommand(c *client) *cobra.Command {
	return &cobra.Command{
		Use: "enough N HOST...", Short: "Let sites rest while at least N others seed them",
		GroupID: groupSites,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usageError("enough takes a number and one or more hosts: wtptui %s", cmd.Use)
			}
			if _, err := engine.ParseEnough(args[0]); err != nil {
				return err
			}
			return checkHosts(cmd, args[1:])
		},
		ValidArgsFunction: func(
			cmd *cobra.Command, args []string, toComplete string,
		) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return []cobra.Completion{"default", "never", "3", "5", "10"}, cobra.ShellCompDirectiveNoFileComp
			}
			return c.complete.hosts(anyNumber)(cmd, args[1:], toComplete)
		},
		RunE: c.withEngine(func(ctx context.Context, eng engine.Engine, args []string) error {
			n, err := engine.ParseEnough(args[0])
			if err != nil {
				return err
			}
			outcome := "rests while " + pluralize(n, "other") + " seed it:"
			switch n {
			case 0:
				outcome = "rests by the default:"
			case -1:
				outcome = "never rests:"
			}
			return c.assign(ctx, eng, engine.Assignment{SetEnough: true, Enough: n}, outcome, args[1:])
		}),
	}
}
