package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

func labelCommand(c *client) *cobra.Command {
	cmd := &cobra.Command{Use: "label LABEL HOST...", Short: "Put a label on sites"}
	return changeLabels(c, cmd, true)
}

func unlabelCommand(c *client) *cobra.Command {
	cmd := &cobra.Command{Use: "unlabel LABEL HOST...", Short: "Take a label off sites"}
	return changeLabels(c, cmd, false)
}

// changeLabels makes cmd add a label to sites, or remove it if on is false.
func changeLabels(c *client, cmd *cobra.Command, on bool) *cobra.Command {
	cmd.GroupID = groupSites
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) < 2 {
			return usageError("%s takes a label and one or more hosts: wtptui %s", cmd.Name(), cmd.Use)
		}
		if _, err := engine.ParseLabel(args[0]); err != nil {
			return err
		}
		return checkHosts(cmd, args[1:])
	}
	cmd.ValidArgsFunction = func(
		cmd *cobra.Command, args []string, toComplete string,
	) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return c.complete.labels(cmd, args, toComplete)
		}
		return c.complete.hosts(anyNumber)(cmd, args[1:], toComplete)
	}
	cmd.RunE = c.withEngine(func(ctx context.Context, eng engine.Engine, args []string) error {
		label, err := engine.ParseLabel(args[0])
		if err != nil {
			return err
		}
		a, outcome := engine.Assignment{Label: []string{label}}, "labelled "+label
		if !on {
			a, outcome = engine.Assignment{Unlabel: []string{label}}, "took "+label+" off"
		}
		return c.assign(ctx, eng, a, outcome, args[1:])
	})
	return cmd
}

// assign changes every site, even if it fails for some of them. outcome is what is printed before the host of a changed
// site.
func (c *client) assign(
	ctx context.Context, eng engine.Engine, a engine.Assignment, outcome string, args []string,
) error {
	hosts, err := findHosts(ctx, eng, args, listedSites)
	if err != nil {
		return err
	}
	err = eng.Assign(ctx, a, hosts...)
	var perHost *engine.Failures
	if err != nil && len(hosts) > 1 && !errors.As(err, &perHost) {
		return err // It is about all of them.
	}
	return c.printOutcomes(outcome, hosts, engine.FailuresByHost(err, hosts))
}

// labels completes the labels of sites.
func (co completion) labels(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var all []cobra.Completion
	for _, s := range co.listSites() {
		all = append(all, s.Labels...)
	}
	slices.Sort(all)
	return slices.Compact(all), cobra.ShellCompDirectiveNoFileComp
}

// sitesWithLabel returns the sites that have a label.
func sitesWithLabel(sites []engine.Site, label string) []engine.Site {
	found := []engine.Site{}
	for _, s := range sites {
		if slices.Contains(s.Labels, label) {
			found = append(found, s)
		}
	}
	return found
}

// labelValue is a label as the value of a flag; empty for none.
type labelValue struct{ to *string }

func (v labelValue) String() string { return valueOrZero(v.to) }
func (v labelValue) Type() string   { return "label" }

func (v labelValue) Set(s string) (err error) {
	*v.to, err = engine.ParseLabel(s)
	if err != nil {
		return errors.New(engine.Message(err)) // The flag is named in front of it.
	}
	return nil
}
