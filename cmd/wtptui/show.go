package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

func showCommand(c *client) *cobra.Command {
	return siteDetailCommand(c, "show HOST", "Show everything about one site",
		func(d engine.Detail) any { return d },
		func(w io.Writer, value any) {
			d, _ := value.(engine.Detail)
			printDetail(w, d)
		})
}

// siteDetailCommand returns a verb that prints a part of one site's detail.
func siteDetailCommand(
	c *client, use, short string, pick func(engine.Detail) any, text func(io.Writer, any),
) *cobra.Command {
	l := &listing{render: text}
	cmd := &cobra.Command{
		Use:               use,
		Short:             short,
		GroupID:           groupSites,
		Args:              cobra.MatchAll(exactArgs(1, "one host"), checkHosts),
		ValidArgsFunction: c.complete.hosts(1),
		RunE: c.withEngine(func(ctx context.Context, eng engine.Engine, args []string) error {
			l.collect = func(ctx context.Context, eng engine.Engine, _ engine.Snapshot) (any, error) {
				d, err := siteDetail(ctx, eng, args[0])
				return pick(d), err
			}
			return l.run(ctx, c.stdout, eng)
		}),
	}
	l.flags(cmd)
	return cmd
}

func siteDetail(ctx context.Context, eng engine.Engine, arg string) (engine.Detail, error) {
	host, err := findHost(ctx, eng, arg)
	if err != nil {
		return engine.Detail{}, err
	}
	return eng.Detail(ctx, host)
}

func printDetail(w io.Writer, d engine.Detail) {
	s := d.Site
	size := "not known yet"
	if s.Size >= 0 {
		size = fmt.Sprintf("%s in %s, %s of %s", formatBytes(s.Size), pluralize(s.Files, "file"),
			pluralize(d.Pieces.Count, "piece"), formatBytes(d.Pieces.Length))
	}
	ratio := ""
	if r, ok := s.Ratio(); ok {
		ratio = fmt.Sprintf(", ratio %.2f", r)
	}
	shown := []string{
		"host", s.Host,
		"title", s.Title,
		"url", s.URL,
		"local url", s.LocalURL,
		"public", s.PublicURL,
		"infohash", s.Infohash,
	}
	shown = append(shown, keyFields(d)...)
	printFields(w, append(shown,
		"state", string(s.State),
		"waits for", describeAwaiting(s),
		"error", s.Error,
		"missing", describeMissing(s),
		"kept", s.KeepReason(),
		"labels", strings.Join(s.Labels, ", "),
		"expires", formatTime(s.ExpiresAt),
		"size", size,
		"done", fmt.Sprintf("%s (%s)", formatPercent(s.Done()), formatBytes(s.Completed)),
		"peers", fmt.Sprintf("%d connected (%d seeds, %d web), %d known", s.Peers, s.Seeds, s.WebPeers, s.KnownPeers),
		"copies", describeCopies(s),
		"browsers", describeBrowserReach(d),
		"rests", describeRest(s),
		"down", fmt.Sprintf("%s, %s in all", formatRate(s.DownRate), formatBytes(s.Downloaded)),
		"up", fmt.Sprintf("%s, %s in all%s", formatRate(s.UpRate), formatBytes(s.Uploaded), ratio),
		"added", formatTime(s.AddedAt),
		"opened", formatTime(s.LastOpen),
		"checked", describeChecked(d),
	)...)
	printTrackers(w, d.Trackers)
	printVersions(w, d.Versions)
}

// describeAwaiting returns what a site waits for. A found site waits for the person.
func describeAwaiting(s engine.Site) string {
	if s.State == engine.Found && s.Awaiting == engine.FoundAwaiting {
		return "you: it was found in the data folder, and is neither served nor in the swarm. " +
			"`wtptui resume " + s.Host + "` takes it up, `wtptui pin` for ever; " +
			"`wtptui verify` checks how much is there; `wtptui remove` deletes it"
	}
	return s.Awaiting
}

// describeMissing returns what the last page lacks, and what to do; empty if it is complete.
func describeMissing(s engine.Site) string {
	if s.MissingParts == 0 {
		return ""
	}
	return pluralize(s.MissingParts, "part") + " of " + s.MissingPage + ": reload it"
}

// describeChecked returns when the whole site was last verified on the disk.
func describeChecked(d engine.Detail) string {
	if d.CheckedAt.IsZero() {
		return "not all of it yet"
	}
	return formatTime(d.CheckedAt)
}

func describeBrowserReach(d engine.Detail) string {
	working, all := d.CountWebTrackers()
	if all == 0 {
		return "cannot reach it: it has no WebTorrent tracker"
	}
	return fmt.Sprintf("can find it at %d of %d WebTorrent trackers", working, all)
}

func printTrackers(w io.Writer, trackers []engine.Tracker) {
	if len(trackers) == 0 {
		return
	}
	var rows [][]string
	for _, t := range trackers {
		message := t.Error
		if message == "" && t.Warning != "" {
			message = "warning: " + t.Warning
		}
		rows = append(rows, []string{t.URL, fmt.Sprint(t.Peers), formatTime(t.Next), message})
	}
	fmt.Fprintln(w)
	printTable(w, []string{"TRACKER", ">PEERS", "NEXT", "MESSAGE"}, rows)
}

// formatTime formats a time in the local time zone; zero is "never".
func formatTime(t engine.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Std().Local().Format(time.DateTime)
}
