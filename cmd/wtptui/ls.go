package main

import (
	"context"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

func (p *program) listCommand() *cobra.Command {
	bin, dying, label := false, false, ""
	l := &listing{}
	l.value = func(ctx context.Context, eng engine.Engine, s engine.Snapshot) (any, error) {
		if bin {
			return eng.Bin(ctx)
		}
		sites := s.Sites
		if label != "" {
			sites = withLabel(sites, label)
		}
		if dying {
			sites = endangered(sites)
		}
		return sites, nil
	}
	l.text = func(w io.Writer, value any) {
		switch {
		case bin:
			p.printBin(w, value)
		case dying:
			printEndangered(w, value)
		default:
			p.printSites(w, value)
		}
	}
	cmd := &cobra.Command{
		Use:     "ls",
		Aliases: []string{"list"},
		Short:   "List all sites",
		GroupID: groupSites,
		Args:    exactly(0, "no arguments"),
		RunE: p.connected(func(ctx context.Context, eng engine.Engine, _ []string) error {
			return l.run(ctx, p, eng)
		}),
	}
	l.flags(cmd)
	cmd.Flags().BoolVar(&bin, "bin", false, "list what was evicted or removed and can be brought back")
	cmd.Flags().Var(labelValue{&label}, "label", "list only sites with this label")
	_ = cmd.RegisterFlagCompletionFunc("label", p.completeLabels) // It has just been registered.
	cmd.Flags().BoolVar(&dying, "endangered", false, "list only what you pinned, published or have whole and fewer than two others have, the rarest first")
	cmd.MarkFlagsMutuallyExclusive("bin", "label")
	cmd.MarkFlagsMutuallyExclusive("bin", "endangered")
	return cmd
}

// printSites counts to expiry from now: a snapshot is as old as the last change.
func (p *program) printSites(w io.Writer, value any) {
	sites, _ := value.([]engine.Site)
	now := engine.At(p.now())
	var rows [][]string
	for _, site := range sites {
		rows = append(rows, []string{
			string(site.State), keptBy(site), site.Host, bytes(site.Size), percent(site.Done()),
			rate(site.DownRate), rate(site.UpRate), strconv.Itoa(site.Peers) + "/" + strconv.Itoa(site.KnownPeers),
			expiry(site, now), titleOrError(site),
		})
	}
	table(w, []string{"STATE", "KEPT", "HOST", ">SIZE", ">DONE", ">DOWN", ">UP", ">PEERS", ">EXPIRES", "TITLE OR ERROR"}, rows)
}

// keptBy says why a site is here, in one word.
func keptBy(s engine.Site) string {
	switch {
	case s.State == engine.Found:
		return "found"
	case s.Mine:
		return "mine"
	case s.Pinned:
		return "pinned"
	}
	return "cached"
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

func expiry(s engine.Site, now engine.Time) string {
	switch {
	case s.ExpiresAt.IsZero():
		return "never"
	case s.InUse:
		return "in-use"
	}
	return until(s.ExpiresAt.Sub(now))
}
