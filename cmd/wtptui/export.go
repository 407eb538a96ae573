package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

func exportCommand(c *client) *cobra.Command {
	var torrent, magnet bool
	cmd := &cobra.Command{
		Use:   "export HOST [DIR]",
		Short: "Write a site's files out as a folder, or print its .torrent file or magnet link",
		Long: "Write a site's verified files out as a folder, which must be empty or not be there yet. With --torrent or --magnet,\n" +
			"print the site's .torrent file or magnet link instead, for other programs.",
		Example: "wtptui export example.org ./mirror\nwtptui export --torrent example.org > site.torrent\nwtptui export --magnet example.org",
		GroupID: groupSites,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case torrent && magnet:
				return usageError("--torrent and --magnet do not go together")
			case torrent || magnet:
				return cobra.MatchAll(exactly(1, "one host and no folder"), hosts)(cmd, args)
			case len(args) != 2:
				return usageError("export takes a host and a folder: wtptui export HOST DIR")
			}
			return hosts(cmd, args[:1])
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			dir := ""
			if len(args) == 2 {
				if dir, err = c.folder(args[1]); err != nil {
					return err
				}
			}
			return c.connected(func(ctx context.Context, eng engine.Engine, _ []string) error {
				host, err := siteHost(ctx, eng, args[0])
				switch {
				case err != nil:
					return err
				case torrent:
					return exportTorrent(ctx, c.stdout, eng, host)
				case magnet:
					return exportMagnet(ctx, c.stdout, eng, host)
				}
				if err := eng.Export(ctx, host, dir); err != nil {
					return err
				}
				fmt.Fprintln(c.stdout, "exported", host, "to", engine.Clean(dir))
				return nil
			})(cmd, args)
		},
		ValidArgsFunction: inTurn(c.complete.hosts(1), completeFolders),
	}
	cmd.Flags().BoolVar(&torrent, "torrent", false, "print the site's .torrent file")
	cmd.Flags().BoolVar(&magnet, "magnet", false, "print the site's magnet link")
	return cmd
}

func exportTorrent(ctx context.Context, w io.Writer, eng engine.Engine, host string) error {
	if isTerminal(w) {
		return usageError("a .torrent file is no text: wtptui export --torrent %s > site.torrent", host)
	}
	data, err := eng.Metainfo(ctx, host)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

func exportMagnet(ctx context.Context, w io.Writer, eng engine.Engine, host string) error {
	d, err := eng.Detail(ctx, host)
	if err != nil {
		return err
	}
	if d.Site.Infohash == "" {
		return &engine.Error{Op: "export", Host: host, Kind: engine.NotReady, Msg: "what " + host + " points to is not known yet"}
	}
	s, err := snapshot(ctx, eng)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, magnetLink(d, s.Status.TrackerURLs(d.Site)))
	return nil
}

// magnetLink names the site, and the trackers at which others meet it, for any client (BEP 9): those of the homes, and
// then the others.
func magnetLink(d engine.Detail, homes []string) string {
	link := "magnet:?xt=urn:btih:" + d.Site.Infohash
	if d.Name != "" {
		link += "&dn=" + url.QueryEscape(d.Name)
	}
	trackers := slices.Clone(homes)
	for _, t := range d.Trackers {
		if !slices.Contains(trackers, t.URL) {
			trackers = append(trackers, t.URL)
		}
	}
	for _, u := range trackers {
		link += "&tr=" + url.QueryEscape(u)
	}
	return link
}
