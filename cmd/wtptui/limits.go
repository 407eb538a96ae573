package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// limitsCommand returns the verb limits, which shows and changes the transfer limits of the running engine.
func limitsCommand(c *client) *cobra.Command {
	var label string
	var down, up int64
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "limits",
		Short:   "Show or change the transfer limits",
		GroupID: groupSites,
		Args:    exactArgs(0, "no arguments"),
	}
	cmd.Flags().Var(labelValue{&label}, "label", "the limits of this label instead of those over all sites")
	cmd.Flags().Var(rateValue{to: &down}, "down", "bytes per second, or none")
	cmd.Flags().Var(rateValue{to: &up}, "up", "bytes per second, or none")
	addJSONFlag(cmd, &asJSON)
	_ = cmd.RegisterFlagCompletionFunc("label", c.complete.labels) // The flag has just been registered.
	cmd.RunE = c.withEngine(func(ctx context.Context, eng engine.Engine, _ []string) error {
		s, err := snapshot(ctx, eng)
		if err != nil {
			return err
		}
		all := append([]engine.Limits{s.Status.Limits}, s.Status.LabelLimits...)
		if !cmd.Flags().Changed("down") && !cmd.Flags().Changed("up") {
			if !asJSON && label == "" {
				defer printSchedule(c.stdout, s.Status.Schedule)
			}
			return printLimits(c.stdout, all, label, asJSON)
		}
		next := findLimits(all, label)
		if cmd.Flags().Changed("down") {
			next.Down = down
		}
		if cmd.Flags().Changed("up") {
			next.Up = up
		}
		if err := eng.SetLimits(ctx, next); err != nil {
			return err
		}
		return printLimits(c.stdout, []engine.Limits{next}, label, asJSON)
	})
	return cmd
}

// printSchedule prints which schedule is active, or comes next.
func printSchedule(w io.Writer, s engine.Scheduled) {
	at := s.Until.Std().Local().Format("Mon 15:04")
	usualLimits := fmt.Sprintf(" Usually: down %s, up %s.", rateValue{to: &s.Usual.Down}, rateValue{to: &s.Usual.Up})
	switch {
	case s.Name == "" && s.Next == "":
		return
	case s.Name == "":
		fmt.Fprintf(w, "\nSchedule %s begins %s.\n", engine.Clean(s.Next), at)
		return
	case s.Paused:
		usualLimits = " All sites are paused."
	}
	if !s.Until.IsZero() {
		usualLimits = " until " + at + "." + usualLimits
	} else {
		usualLimits = "." + usualLimits
	}
	fmt.Fprintf(w, "\nSchedule %s holds%s\n", engine.Clean(s.Name), usualLimits)
}

// findLimits returns the limits of a label, or those over all sites if label is empty. The result is unlimited if there
// are none.
func findLimits(all []engine.Limits, label string) engine.Limits {
	for _, l := range all {
		if l.Label == label {
			return l
		}
	}
	return engine.Limits{Label: label}
}

// printLimits prints all limits, or only those of a label.
func printLimits(w io.Writer, all []engine.Limits, label string, asJSON bool) error {
	if label != "" {
		all = []engine.Limits{findLimits(all, label)}
	}
	if asJSON {
		return printJSON(w, all)
	}
	var rows [][]string
	for _, l := range all {
		whose := "all sites"
		if l.Label != "" {
			whose = "label " + l.Label
		}
		rows = append(rows, []string{whose, rateValue{to: &l.Down}.String(), rateValue{to: &l.Up}.String()})
	}
	printTable(w, []string{"LIMITS", ">DOWN", ">UP"}, rows)
	return nil
}
