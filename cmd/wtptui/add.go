package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// adding is one run of the verb.
type adding struct {
	world

	pin, wait, asJSON bool
}

func addCommand(c *client) *cobra.Command {
	a := adding{world: c.world}
	cmd := &cobra.Command{
		Use:     "add ADDRESS...",
		Short:   "Add sites without showing them",
		GroupID: groupSites,
		Args:    cobra.MatchAll(some("one or more addresses"), addresses),

		ValidArgsFunction: completeTorrents,
		RunE:              c.connected(a.run),
	}
	cmd.Flags().BoolVar(&a.pin, "pin", false, "keep and seed them for ever")
	cmd.Flags().BoolVar(&a.wait, "wait", false, "return when all are complete, or one has failed")
	jsonFlag(cmd, &a.asJSON)
	return cmd
}

func jsonFlag(cmd *cobra.Command, to *bool) { cmd.Flags().BoolVar(to, "json", false, "print JSON") }

func (a *adding) run(ctx context.Context, eng engine.Engine, args []string) error {
	// A mistake in the last address should not be found when the first has been added.
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
	var failed error
	if a.wait {
		failed = a.waitFor(ctx, eng, sites)
	}
	if a.asJSON {
		if err := printJSON(a.stdout, sites); err != nil {
			return err
		}
	}
	return failed
}

// waitFor returns when every one of the sites is complete, or one of them is gone or has failed. It leaves the last
// state of each in sites.
func (a *adding) waitFor(ctx context.Context, eng engine.Engine, sites []engine.Site) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ch, err := eng.Watch(ctx)
	if err != nil {
		return err
	}
	line := newProgress(a.stderr)
	defer line.clear()
	for s := range ch {
		waiting := 0
		for i := range sites {
			now, there := findSite(s, sites[i].Host)
			if !there {
				return &engine.Error{Op: "wait", Host: sites[i].Host, Kind: engine.NotFound, Msg: sites[i].Host + " has been removed or has expired"}
			}
			sites[i] = now
			switch {
			case now.State == engine.Failed:
				return &engine.Error{Op: "wait", Host: now.Host, Kind: now.ErrorKind, Msg: now.Host + ": " + now.Error}
			case now.State == engine.Seeding, now.State == engine.Paused && now.Completed == now.Size && now.Awaiting == "":
			case now.State == engine.Found:
				return engine.FoundSiteError("wait", now.Host)
			case now.State == engine.Paused:
				return &engine.Error{Op: "wait", Host: now.Host, Kind: engine.Conflict, Msg: now.Host + " is paused: `wtptui resume " + now.Host + "` lets it go on"}
			default:
				waiting++
				line.show(now)
			}
		}
		if waiting == 0 {
			return nil
		}
	}
	return engineGone(ctx)
}

func findSite(s engine.Snapshot, host string) (engine.Site, bool) {
	for _, site := range s.Sites {
		if site.Host == host {
			return site, true
		}
	}
	return engine.Site{}, false
}
