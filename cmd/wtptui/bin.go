package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// addBinOptions adds what only remove and undo have: --now, and undo without hosts.
func addBinOptions(c *client, verb engine.Verb, cmd *cobra.Command) {
	switch verb {
	case engine.Remove:
		immediately := false
		cmd.Flags().BoolVar(&immediately, "now", false, "delete at once, also from the bin: this cannot be undone")
		cmd.RunE = c.withEngine(func(ctx context.Context, eng engine.Engine, args []string) error {
			if immediately {
				return c.applyVerb(ctx, eng, engine.RemoveNow, args)
			}
			return c.applyVerb(ctx, eng, engine.Remove, args)
		})
	case engine.Undo:
		cmd.Use = "undo [HOST...]"
		cmd.Args = checkHosts
		cmd.ValidArgsFunction = c.complete.binned
		cmd.RunE = c.withEngine(func(ctx context.Context, eng engine.Engine, args []string) error {
			if len(args) > 0 {
				return c.applyVerb(ctx, eng, engine.Undo, args)
			}
			last, err := lastBinned(ctx, eng)
			if err != nil {
				return err
			}
			return c.applyVerb(ctx, eng, engine.Undo, last)
		})
	default:
	}
}

// lastBinned returns the hosts that the last step has moved to the bin.
func lastBinned(ctx context.Context, eng engine.Engine) ([]string, error) {
	binned, err := eng.Bin(ctx)
	if err != nil {
		return nil, err
	}
	if len(binned) == 0 {
		return nil, &engine.Error{Op: "undo", Kind: engine.NotFound, Msg: "the bin is empty: there is nothing to bring back"}
	}
	var last []string
	for _, b := range binned {
		if b.Since.Equal(binned[0].Since) {
			last = append(last, b.Host)
		}
	}
	return last, nil
}

// binned completes the hosts of the sites in the bin, with their titles.
func (co completion) binned(
	_ *cobra.Command, args []string, toComplete string,
) (found []cobra.Completion, _ cobra.ShellCompDirective) {
	co.queryEngine(func(ctx context.Context, c *control.Client) {
		sites, _ := c.Bin(ctx) // Without an answer, nothing is offered.
		for _, b := range sites {
			if strings.HasPrefix(b.Host, strings.ToLower(toComplete)) && !slices.Contains(args, b.Host) {
				found = append(found, cobra.CompletionWithDesc(b.Host, b.Title))
			}
		}
	})
	return found, cobra.ShellCompDirectiveNoFileComp
}

// printBin prints the sites in the bin. at is the time from which the remaining time is counted.
func printBin(w io.Writer, value any, at time.Time) {
	binned, _ := value.([]engine.Binned)
	if len(binned) == 0 {
		fmt.Fprintln(w, "The bin is empty.")
		return
	}
	now := engine.At(at)
	rows := make([][]string, len(binned))
	for i, b := range binned {
		rows[i] = []string{
			binReason(b), keptBefore(b), b.Host, formatBytes(b.Bytes), formatTimeLeft(b.Until.Sub(now)), b.Title,
		}
	}
	printTable(w, []string{"SENT AWAY", "WAS", "HOST", ">SIZE", ">DELETED IN", "TITLE"}, rows)
}

// binReason returns whether a site was removed or evicted.
func binReason(b engine.Binned) string {
	if b.Removed {
		return "removed"
	}
	return "evicted"
}

// keptBefore returns why a site was kept before, in one word.
func keptBefore(b engine.Binned) string {
	s := engine.Site{Pinned: b.Pinned, Mine: b.Mine}
	if b.Found {
		s.State = engine.Found
	}
	return s.KeepReason()
}
