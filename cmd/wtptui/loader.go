package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/localserve/home"
	"wtptui/localserve/home/loader"
)

// loaderFolder is the folder for --loader. When its files are on a static host, they open a site from the swarm in any
// browser. The folder is on this machine, even if the engine is not.
type loaderFolder struct {
	*client

	dir string // absolute
}

// loaderReport describes the loader that was written.
type loaderReport struct {
	// Dir is the folder of the loader.
	Dir string `json:"dir"`
	// Infohash is the version that pages open, unless the TXT record of Domain names another one. Domain may be empty.
	Infohash string `json:"infohash"`
	Domain   string `json:"domain"`
	// Key reports whether a key decides where the site is. Browsers cannot get its record from the DHT, and what DNS names
	// besides may be old. So Domain is empty then.
	Key bool `json:"key"`
	// Trackers are those at which browsers find seeds, and WebSeeds are the URLs from which they download otherwise.
	Trackers []string `json:"trackers"`
	WebSeeds []string `json:"web_seeds"`
	// Warnings are sentences that say what prevents browsers from loading the site.
	Warnings []string `json:"warnings"`
}

// newLoaderFolder returns the folder with the given name. It also loads the settings, some of which become part of the
// loader.
func (c *client) newLoaderFolder(cmd *cobra.Command, name string) (*loaderFolder, error) {
	if name == "" {
		return nil, usageError("--loader takes a folder: give one that is new or empty")
	}
	dir, err := filepath.Abs(expandHome(name))
	if err != nil {
		return nil, usageError("--loader %s: %s", engine.Clean(name), err)
	}
	if err := c.settings.loadLayers(cmd.Flags(), c.getenv); err != nil {
		return nil, err
	}
	return &loaderFolder{client: c, dir: dir}, nil
}

// check returns an error if the loader cannot be written to the folder, before anything is published. source is the
// folder that is published, on the engine's machine, or empty. With write, check also creates a file to be sure.
func (l *loaderFolder) check(source string, write bool) error {
	if source != "" && l.attachTo == "" && isBelow(l.dir, source) {
		return usageError("--loader %s: it is in the folder that is published, and would be published too: "+
			"give one outside of it", engine.Clean(l.dir))
	}
	if err := loader.CheckFolder(l.dir); err != nil {
		return l.writeError(err)
	}
	if !write {
		return nil
	}
	if err := os.MkdirAll(l.dir, 0o755); err != nil { // It is for everybody to read.
		return l.writeError(err)
	}
	f, err := os.CreateTemp(l.dir, ".wtptui-*")
	if err != nil {
		return l.writeError(err)
	}
	f.Close()
	return os.Remove(f.Name())
}

// isBelow reports whether a folder is another one or lies below it. Neither has to exist.
func isBelow(dir, other string) bool {
	rel, err := filepath.Rel(resolveLinks(other), resolveLinks(dir))
	return err == nil && filepath.IsLocal(rel)
}

// resolveLinks follows the symbolic links in the part of a path that exists.
func resolveLinks(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	if parent := filepath.Dir(path); parent != path {
		return filepath.Join(resolveLinks(parent), filepath.Base(path))
	}
	return path
}

// writeError returns the error for a loader that could not be written.
func (l *loaderFolder) writeError(err error) error {
	var foreign *loader.FolderError
	if errors.As(err, &foreign) {
		return &engine.Error{Op: "loader", Kind: engine.Conflict, Msg: engine.Clean(foreign.Text), Err: err}
	}
	return &engine.Error{
		Op: "loader", Kind: engine.Unavailable, Err: err,
		Msg: engine.Clean("the loader cannot be written to " + l.dir + ": " + err.Error() +
			": check that there is room and that you may write there"),
	}
}

// write writes the loader of a site.
func (l *loaderFolder) write(ctx context.Context, eng engine.Engine, host string) (*loaderReport, error) {
	torrent, err := eng.Metainfo(ctx, host)
	if err != nil {
		return nil, err
	}
	meta, err := swarm.ParseMetainfo(torrent)
	if err != nil {
		return nil, err
	}
	d, err := eng.Detail(ctx, host)
	if err != nil {
		return nil, err
	}
	s, err := snapshot(ctx, eng)
	if err != nil {
		return nil, err
	}
	if meta.Private {
		return nil, &engine.Error{
			Op: "loader", Host: host, Kind: engine.Refused,
			Msg: "the site's torrent is private (BEP 27): its trackers decide who may get it, " +
				"but a loader gives it to everybody",
		}
	}
	page := l.siteData(d, s.Status, meta)
	report := &loaderReport{
		Dir: l.dir, Infohash: page.Infohash, Domain: page.Domain, Key: isUnderKey(d),
		Trackers: page.Trackers, WebSeeds: page.WebSeeds,
	}
	if report.Warnings, err = loaderWarnings(d.Site, page); err != nil {
		return nil, err
	}
	if err := loader.WriteFolder(l.dir, page, torrent); err != nil {
		return nil, l.writeError(err)
	}
	return report, nil
}

// siteData returns what the pages of the loader know of the site.
func (l *loaderFolder) siteData(d engine.Detail, st engine.Status, meta swarm.Metainfo) loader.Site {
	page := loader.Site{
		Infohash: meta.Infohash, Host: d.Site.Host, Title: d.Site.Title,
		Contact: l.settings.Home.Contact, AskBeforeSending: l.settings.Home.Ask,
		Trackers: browserTrackers(meta.Trackers), STUN: stunForPages(l.settings.STUN),
		WebSeeds: browserWebSeeds(d, st, meta), Resolvers: []string{},
	}
	if engine.IsDomain(d.Site.Host) && !isUnderKey(d) {
		page.Domain, page.Resolvers = d.Site.Host, loader.DefaultResolvers()
	}
	if d.Site.NoClearnet {
		page.CSP = home.ConfinedPolicy
	}
	return page
}

// browserTrackers returns the trackers that a secure page can use, without duplicates.
func browserTrackers(all []string) []string {
	web := []string{}
	for _, t := range all {
		if isUsableFromHTTPS(t, "wss") && !slices.Contains(web, t) {
			web = append(web, t)
		}
	}
	return web
}

// browserWebSeeds returns the web seeds that a secure page can use, first the site's home, if it is on. Each is the URL
// of a folder, with a slash at its end.
func browserWebSeeds(d engine.Detail, st engine.Status, meta swarm.Metainfo) []string {
	seeds := []string{}
	if h, ok := st.HomeForSite(d.Site.Host); ok && !h.Off {
		seeds = append(seeds, h.URL+loader.Folder+"files/"+meta.Infohash+"/")
	}
	single := len(d.Files) == 1 && d.Files[0].Path == d.Name // Then a URL without a slash is that of the file (BEP 19).
	for _, u := range meta.WebSeeds {
		if single && !strings.HasSuffix(u, "/") || !isUsableFromHTTPS(u, "https") {
			continue
		}
		if u = strings.TrimSuffix(u, "/") + "/"; !slices.Contains(seeds, u) {
			seeds = append(seeds, u)
		}
	}
	return seeds
}

// isUsableFromHTTPS reports whether a secure page may connect to a URL: it has the given scheme, or that scheme without
// TLS on a loopback address.
func isUsableFromHTTPS(s, scheme string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && u.User == nil &&
		(u.Scheme == scheme || u.Scheme+"s" == scheme && engine.IsLoopback(u.Hostname()))
}

// allLoopback reports whether all URLs lead to the machine of the reader.
func allLoopback(urls []string) bool {
	return !slices.ContainsFunc(urls, func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && !engine.IsLoopback(u.Hostname())
	})
}

// loaderWarnings returns what limits browsers that load the site. The error has Kind Refused if browsers could not load
// it at all.
func loaderWarnings(s engine.Site, page loader.Site) ([]string, error) {
	texts := []string{}
	const advice = "start the wtptui that seeds it with --tracker wss://…, or with a home"
	switch urls := slices.Concat(page.Trackers, page.WebSeeds); {
	case len(urls) == 0:
		return nil, &engine.Error{
			Op: "loader", Host: s.Host, Kind: engine.Refused,
			Msg: "browsers would find nobody who has the site: it has neither a WebTorrent tracker (wss://) nor a web seed " +
				"(https://): " + advice,
		}
	case allLoopback(urls):
		texts = append(texts,
			"All trackers and web seeds of the site are on this machine, so that only browsers here get it: "+advice+".")
	case len(page.Trackers) == 0:
		texts = append(texts,
			"It has no WebTorrent tracker (wss://), so that browsers get all of it from its web seeds: "+advice+".")
	}
	if s.State == engine.Paused {
		texts = append(texts, "The site is paused, and not seeded: `wtptui resume "+s.Host+"`.")
	}
	return texts, nil
}

// chooseSite returns the site whose loader is already in the folder, or else the only site that was published here.
func (l *loaderFolder) chooseSite(ctx context.Context, eng engine.Engine) (host string, err error) {
	s, err := snapshot(ctx, eng)
	if err != nil {
		return "", err
	}
	published := slices.DeleteFunc(slices.Clone(s.Sites), func(s engine.Site) bool { return !s.Own })
	previous, ok := l.readPrevious()
	for _, site := range published {
		if ok && site.Host == previous.Host {
			return site.Host, nil
		}
	}
	switch {
	case ok:
		return l.findByVersion(ctx, eng, published, previous)
	case len(published) == 1:
		return published[0].Host, nil
	case len(published) == 0:
		return "", &engine.Error{
			Op: "loader", Kind: engine.NotFound,
			Msg: "no site was published here yet: publish a folder with `wtptui publish --loader DIR FOLDER`",
		}
	}
	return "", usageError("%d sites were published here: name the folder of one with `wtptui publish --loader DIR FOLDER`",
		len(published))
}

// readPrevious returns the data of the loader that is in the folder.
func (l *loaderFolder) readPrevious() (previous loader.Site, ok bool) {
	text, err := os.ReadFile(filepath.Join(l.dir, filepath.FromSlash(loader.SitePath)))
	ok = err == nil && json.Unmarshal(text, &previous) == nil && previous.Infohash != ""
	return previous, ok
}

// findByVersion returns the published site that has had the version of the loader in the folder. Without a name, each
// version of a site has another host.
func (l *loaderFolder) findByVersion(
	ctx context.Context, eng engine.Engine, published []engine.Site, previous loader.Site,
) (host string, err error) {
	for _, s := range published {
		d, err := eng.Detail(ctx, s.Host)
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(d.Versions, func(v engine.Version) bool { return v.Infohash == previous.Infohash }) {
			return s.Host, nil
		}
	}
	return "", &engine.Error{
		Op: "loader", Host: previous.Host, Kind: engine.NotFound,
		Msg: engine.Clean(l.dir + " has the loader of " + previous.Host + ", which was not published here: " +
			"`wtptui export --loader " + previous.Host + " DIR` writes the loader of any site"),
	}
}
