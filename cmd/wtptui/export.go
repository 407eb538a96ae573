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

// exportRun is one run of the verb export.
type exportRun struct {
	*client

	torrent, magnet, asLoader, dotfiles bool
	// loader is the folder for --loader; nil without that flag.
	loader *loaderFolder
}

// exportCommand returns the verb export.
func exportCommand(c *client) *cobra.Command {
	x := exportRun{client: c}
	cmd := &cobra.Command{
		Use:     "export HOST [DIR]",
		Short:   "Write a site's files out as a folder, or print its .torrent file or magnet link",
		GroupID: groupSites,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case x.dotfiles && (x.torrent || x.magnet || x.asLoader):
				return usageError("--dotfiles is for a site's files: leave it out with --torrent, --magnet or --loader")
			case x.torrent && x.magnet || x.asLoader && (x.torrent || x.magnet):
				return usageError("give only one of --torrent, --magnet and --loader")
			case x.torrent || x.magnet:
				return cobra.MatchAll(exactArgs(1, "one host and no folder"), checkHosts)(cmd, args)
			case len(args) != 2:
				return usageError("export takes a host and a folder: wtptui export HOST DIR")
			}
			return checkHosts(cmd, args[:1])
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			dir := ""
			switch {
			case x.asLoader:
				x.loader, err = c.newLoaderFolder(cmd, args[1])
			case len(args) == 2:
				dir, err = c.absFolder(args[1])
			}
			if err != nil {
				return err
			}
			return c.withEngine(func(ctx context.Context, eng engine.Engine, _ []string) error {
				return x.run(ctx, eng, args[0], dir)
			})(cmd, args)
		},
		ValidArgsFunction: completeArgs(c.complete.hosts(1), completeFolders),
	}
	cmd.Flags().BoolVar(&x.torrent, "torrent", false, "print the site's .torrent file")
	cmd.Flags().BoolVar(&x.magnet, "magnet", false, "print the site's magnet link")
	cmd.Flags().BoolVar(&x.asLoader, "loader", false, "write the loader for browsers, for a static host")
	cmd.Flags().BoolVar(&x.dotfiles, "dotfiles", false, "write files whose names begin with a dot, without asking")
	return cmd
}

func (x *exportRun) run(ctx context.Context, eng engine.Engine, arg, dir string) error {
	host, err := findHost(ctx, eng, arg)
	switch {
	case err != nil:
		return err
	case x.torrent:
		return exportTorrent(ctx, x.stdout, eng, host)
	case x.magnet:
		return exportMagnet(ctx, x.stdout, eng, host)
	}
	d, err := eng.Detail(ctx, host)
	if err != nil {
		return err
	}
	if x.asLoader {
		return x.loader.export(ctx, eng, d, false)
	}
	req := engine.ExportRequest{Dir: dir}
	if req.Dotfiles, err = x.confirmDotfiles(ctx, d); err != nil {
		return err
	}
	if err := eng.Export(ctx, host, req); err != nil {
		return err
	}
	fmt.Fprintln(x.stdout, "exported", host, "to", engine.Clean(dir))
	return nil
}

// confirmDotfiles asks the person whether to write the dotfiles of a site, if there are any.
func (x *exportRun) confirmDotfiles(ctx context.Context, d engine.Detail) (bool, error) {
	paths := make([]string, len(d.Files))
	for i, f := range d.Files {
		paths[i] = f.Path
	}
	what := engine.DescribeDotfiles(paths)
	if x.dotfiles || what == "" || d.Site.Completed != d.Site.Size {
		return x.dotfiles, nil // The engine refuses dotfiles that appear from now on.
	}
	err := x.confirm(ctx, confirmation{
		op:         "export",
		question:   d.Site.Host + " " + what + "\nWrite them?",
		noTerminal: d.Site.Host + " " + what + ": --dotfiles writes them without asking at a terminal",
		declined:   "nothing was written",
	})
	return err == nil, err
}

func exportTorrent(ctx context.Context, w io.Writer, eng engine.Engine, host string) error {
	if isTerminal(w) {
		return usageError("a .torrent file cannot be shown on a terminal: wtptui export --torrent %s > site.torrent", host)
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
		return &engine.Error{
			Op: "export", Host: host, Kind: engine.NotReady, Msg: "it is not known yet which torrent " + host + " points to",
		}
	}
	s, err := snapshot(ctx, eng)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, magnetLink(d, s.Status.TrackerURLs(d.Site)))
	return nil
}

// magnetLink returns a magnet link for any client (BEP 9), with the trackers of the homes first.
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
