package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// addRun is one run of the verb add.
type addRun struct {
	environment

	pin, wait, asJSON bool
}

// addCommand returns the verb add.
func addCommand(c *client) *cobra.Command {
	a := addRun{environment: c.environment}
	cmd := &cobra.Command{
		Use:     "add ADDRESS...",
		Short:   "Add sites without showing them",
		GroupID: groupSites,
		Args:    cobra.MatchAll(someArgs("one or more addresses"), checkAddresses),

		ValidArgsFunction: completeTorrents,
		RunE:              c.withEngine(a.run),
	}
	cmd.Flags().BoolVar(&a.pin, "pin", false, "keep and seed them for ever")
	cmd.Flags().BoolVar(&a.wait, "wait", false, "return when all are complete, or one has failed")
	addJSONFlag(cmd, &a.asJSON)
	return cmd
}

// addJSONFlag adds the flag --json to a command.
func addJSONFlag(cmd *cobra.Command, target *bool) {
	cmd.Flags().BoolVar(target, "json", false, "print JSON")
}

func (a *addRun) run(ctx context.Context, eng engine.Engine, args []string) error {
	// All arguments are checked before the first site is added.
	requests := make([]engine.AddRequest, len(args))
	for i, arg := range args {
		req, err := engine.NewAddRequest(arg)
		if err != nil {
			return err
		}
		req.Pin = a.pin
		requests[i] = req
	}
	sites := make([]engine.Site, len(requests))
	for i, req := range requests {
		site, err := eng.Add(ctx, req)
		if err != nil {
			return err
		}
		sites[i] = site
		if !a.asJSON {
			fmt.Fprintln(a.stdout, "added", site.Host)
		}
	}
	var waitErr error
	if a.wait {
		waitErr = a.waitFor(ctx, eng, sites)
	}
	if a.asJSON {
		if err := printJSON(a.stdout, sites); err != nil {
			return err
		}
	}
	return waitErr
}

// waitFor waits until each site is complete. It returns an error as soon as one of them has failed, is paused before it
// is complete, or is gone. The latest state of each site is stored in sites.
func (a *addRun) waitFor(ctx context.Context, eng engine.Engine, sites []engine.Site) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ch, err := eng.Watch(ctx)
	if err != nil {
		return err
	}
	progressLine := newProgress(a.stderr)
	defer progressLine.clear()
	for s := range ch {
		waiting := 0
		for i := range sites {
			current, ok := findSite(s, sites[i].Host)
			if !ok {
				return &engine.Error{
					Op: "wait", Host: sites[i].Host, Kind: engine.NotFound,
					Msg: sites[i].Host + " was removed or has expired: add it again",
				}
			}
			sites[i] = current
			isComplete := current.Completed == current.Size && current.Awaiting == ""
			switch {
			case current.State == engine.Failed:
				return &engine.Error{
					Op: "wait", Host: current.Host, Kind: current.ErrorKind, Msg: current.Host + ": " + current.Error,
				}
			case current.State == engine.Seeding, isComplete && current.State == engine.Paused:
			case current.State == engine.Found:
				return engine.FoundSiteError("wait", current.Host)
			case current.State == engine.Paused:
				return &engine.Error{
					Op: "wait", Host: current.Host, Kind: engine.Conflict,
					Msg: current.Host + " is paused: `wtptui resume " + current.Host + "` resumes it",
				}
			default:
				waiting++
				progressLine.show(current)
			}
		}
		if waiting == 0 {
			return nil
		}
	}
	return engineStoppedError(ctx)
}

// findSite returns the site with the given host, and reports whether the snapshot has it.
func findSite(snap engine.Snapshot, host string) (engine.Site, bool) {
	for _, site := range snap.Sites {
		if site.Host == host {
			return site, true
		}
	}
	return engine.Site{}, false
}
