package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// homeCommand returns the verb home, which lists the homes of the running engine and switches them on and off.
func homeCommand(c *client) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "home [on|off NAME]", Short: "List public homes, or take a site off its home or put it back",
		GroupID: groupSites,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) == 2 && (args[0] == "on" || args[0] == "off") {
				return nil
			}
			return usageError("home takes no arguments, or on or off and one name: wtptui %s", cmd.Use)
		},
		ValidArgsFunction: completeArgs(
			cobra.FixedCompletions([]cobra.Completion{"on", "off"}, cobra.ShellCompDirectiveNoFileComp), c.complete.homes,
		),
		RunE: c.withEngine(func(ctx context.Context, eng engine.Engine, args []string) error {
			s, err := snapshot(ctx, eng)
			if err != nil {
				return err
			}
			homes := s.Status.Homes
			if len(args) == 0 {
				return printHomes(c.stdout, s.Status, asJSON)
			}
			i, err := engine.FindHome("home", args[1], homes)
			if err != nil {
				return err
			}
			h, on := homes[i], args[0] == "on"
			if err := eng.SetHome(ctx, h.Name, on); err != nil {
				return err
			}
			if h.Off = !on; asJSON {
				return printJSON(c.stdout, []engine.Home{h})
			}
			_, err = fmt.Fprintln(c.stdout, describeHomeChange(h))
			return err
		}),
	}
	addJSONFlag(cmd, &asJSON)
	return cmd
}

// describeHomeChange returns what has happened to a home that was switched on or off.
func describeHomeChange(h engine.Home) string {
	if h.Off {
		return h.Name + " is off: visitors get 410 Gone, and their browsers delete what the site has stored, " +
			"service workers included. `wtptui home on " + h.Name + "` switches it on again."
	}
	return h.Name + " is on: " + h.URL + " serves " + h.Host
}

// printHomes prints the homes, and for people also the state of the tracker.
func printHomes(w io.Writer, st engine.Status, asJSON bool) error {
	if asJSON {
		return printJSON(w, st.Homes)
	}
	var rows [][]string
	for _, h := range st.Homes {
		state := "on"
		if h.Off {
			state = "off"
		}
		requests := strconv.FormatInt(h.Requests, 10)
		rows = append(rows, []string{h.Name, state, h.Host, requests, formatBytes(h.Bytes), formatBytes(h.Uploaded)})
	}
	printTable(w, []string{"NAME", "STATE", "SITE", ">REQUESTS", ">BY HTTP", ">TO PEERS"}, rows)
	if t := st.HomeTracker; len(t.URLs) > 0 {
		fmt.Fprintf(w, "\nTracker: %s\n", describeTracker(t))
	}
	return nil
}

// describeTracker returns one line about the tracker of the homes: what it has done, and its addresses.
func describeTracker(t engine.HomeTracker) string {
	scope := "pinned sites"
	if t.Open {
		scope = "any site"
	}
	return fmt.Sprintf("%s in %s, %s; %s, %d refused; for %s, at %s",
		pluralize(t.Peers, "peer"), pluralize(t.Swarms, "swarm"), pluralize(t.WebPeers, "browser"),
		pluralize(int(t.Announces), "announce"), t.Refused, scope, strings.Join(t.URLs, " "))
}

// homes completes the names of the running engine's homes, with their sites.
func (co completion) homes(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var all []cobra.Completion
	co.queryEngine(func(ctx context.Context, c *control.Client) {
		s, err := snapshot(ctx, c)
		if err != nil {
			return
		}
		for _, h := range s.Status.Homes {
			all = append(all, cobra.CompletionWithDesc(h.Name, h.Host))
		}
	})
	return all, cobra.ShellCompDirectiveNoFileComp
}
