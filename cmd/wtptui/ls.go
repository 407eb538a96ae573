package main

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// listCommand returns the verb ls.
func listCommand(c *client) *cobra.Command {
	bin, endangered, label := false, false, ""
	l := &listing{}
	l.collect = func(ctx context.Context, eng engine.Engine, s engine.Snapshot) (any, error) {
		if bin {
			return eng.Bin(ctx)
		}
		sites := s.Sites
		if label != "" {
			sites = sitesWithLabel(sites, label)
		}
		if endangered {
			sites = endangeredSites(sites)
		}
		return sites, nil
	}
	l.render = func(w io.Writer, value any) {
		switch {
		case bin:
			printBin(w, value, c.now())
		case endangered:
			printEndangered(w, value)
		default:
			printSites(w, value, c.now())
		}
	}
	cmd := &cobra.Command{
		Use:     "ls",
		Aliases: []string{"list"},
		Short:   "List all sites",
		GroupID: groupSites,
		Args:    exactArgs(0, "no arguments"),
		RunE: c.withEngine(func(ctx context.Context, eng engine.Engine, _ []string) error {
			return l.run(ctx, c.stdout, eng)
		}),
	}
	l.flags(cmd)
	cmd.Flags().BoolVar(&bin, "bin", false, "list what was evicted or removed and can be brought back")
	cmd.Flags().Var(labelValue{&label}, "label", "list only sites with this label")
	_ = cmd.RegisterFlagCompletionFunc("label", c.complete.labels) // The flag has just been registered.
	cmd.Flags().BoolVar(
		&endangered, "endangered", false,
		"list only complete, pinned and own sites of which fewer than two others have a copy, the rarest first",
	)
	cmd.MarkFlagsMutuallyExclusive("bin", "label")
	cmd.MarkFlagsMutuallyExclusive("bin", "endangered")
	return cmd
}

// printSites prints a row for each site. at is the time from which the remaining time is counted, since a snapshot is
// as old as its last change.
func printSites(w io.Writer, value any, at time.Time) {
	sites, _ := value.([]engine.Site)
	now := engine.At(at)
	var rows [][]string
	for _, site := range sites {
		rows = append(rows, []string{
			string(site.State), site.KeepReason(), site.Host, formatBytes(site.Size), formatPercent(site.Done()),
			formatRate(site.DownRate), formatRate(site.UpRate), strconv.Itoa(site.Peers) + "/" + strconv.Itoa(site.KnownPeers),
			describeExpiry(site, now), titleOrError(site),
		})
	}
	head := []string{"STATE", "KEPT", "HOST", ">SIZE", ">DONE", ">DOWN", ">UP", ">PEERS", ">EXPIRES", "TITLE OR ERROR"}
	printTable(w, head, rows)
}

func titleOrError(s engine.Site) string {
	switch {
	case s.Error != "":
		return s.Error
	case s.Title == "" && s.State == engine.Found:
		return s.Awaiting
	}
	return s.Title
}

func describeExpiry(s engine.Site, now engine.Time) string {
	switch {
	case s.ExpiresAt.IsZero():
		return "never"
	case s.InUse:
		return "in-use"
	}
	return formatTimeLeft(s.ExpiresAt.Sub(now))
}
