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

// loaderFolder is the folder of a static host that --loader names: pages in it open a site from the swarm in any
// browser. It is on this machine, wherever the engine is.
type loaderFolder struct {
	*client

	dir string // absolute
}

// loaderReport is what was written.
type loaderReport struct {
	// Dir is the folder that it is in.
	Dir string `json:"dir"`
	// Infohash is the version that pages open, unless the TXT record of Domain names another one; Domain may be empty.
	Infohash string `json:"infohash"`
	Domain   string `json:"domain"`
	// Key reports whether a key decides where the site is. Browsers cannot ask the DHT for its record, and what DNS says
	// beside it may be old: Domain is empty then.
	Key bool `json:"key"`
	// Trackers are where browsers find seeds, and WebSeeds where they get the site otherwise.
	Trackers []string `json:"trackers"`
	WebSeeds []string `json:"web_seeds"`
	// Warnings are what keeps browsers from the site, in sentences.
	Warnings []string `json:"warnings"`
}

// loaderAt returns the folder that a person names, and has the settings complete, of which pages are told some.
func (c *client) loaderAt(cmd *cobra.Command, name string) (*loaderFolder, error) {
	if name == "" {
		return nil, usageError("--loader takes a folder: give one that is new or empty")
	}
	dir, err := filepath.Abs(expandHome(name))
	if err != nil {
		return nil, usageError("--loader %s: %s", engine.Clean(name), err)
	}
	if err := c.settings.complete(cmd.Flags(), c.getenv); err != nil {
		return nil, err
	}
	return &loaderFolder{client: c, dir: dir}, nil
}

// check refuses a folder that the loader cannot be written to, before anything is published from source, a folder of
// the engine's machine that may be empty. With write, it tries.
func (l *loaderFolder) check(source string, write bool) error {
	if source != "" && l.attachTo == "" && isBelow(l.dir, source) {
		return usageError("--loader %s: it is in the folder that is published, and would publish itself: name one beside it",
			engine.Clean(l.dir))
	}
	if err := loader.CheckFolder(l.dir); err != nil {
		return l.cannot(err)
	}
	if !write {
		return nil
	}
	if err := os.MkdirAll(l.dir, 0o755); err != nil { // It is for everybody to read.
		return l.cannot(err)
	}
	f, err := os.CreateTemp(l.dir, ".wtptui-*")
	if err != nil {
		return l.cannot(err)
	}
	f.Close()
	return os.Remove(f.Name())
}

// isBelow reports whether a folder, which need not be there yet, is another one or lies in it.
func isBelow(dir, other string) bool {
	rel, err := filepath.Rel(resolved(other), resolved(dir))
	return err == nil && filepath.IsLocal(rel)
}

// resolved follows the symbolic links of a path as far as it is there.
func resolved(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	if parent := filepath.Dir(path); parent != path {
		return filepath.Join(resolved(parent), filepath.Base(path))
	}
	return path
}

// cannot says why the loader was not written.
func (l *loaderFolder) cannot(err error) error {
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
			Msg: "its torrent is private (BEP 27): its trackers decide who may have it, and the loader lets everybody have it",
		}
	}
	page := l.page(d, s.Status, meta)
	report := &loaderReport{
		Dir: l.dir, Infohash: page.Infohash, Domain: page.Domain, Key: isUnderKey(d),
		Trackers: page.Trackers, WebSeeds: page.WebSeeds,
	}
	if report.Warnings, err = warnings(d.Site, page); err != nil {
		return nil, err
	}
	if err := loader.WriteFolder(l.dir, page, torrent); err != nil {
		return nil, l.cannot(err)
	}
	return report, nil
}

// page is what the loader is told of a site.
func (l *loaderFolder) page(d engine.Detail, st engine.Status, meta swarm.Metainfo) loader.Site {
	page := loader.Site{
		Infohash: meta.Infohash, Host: d.Site.Host, Title: d.Site.Title,
		Contact: l.settings.Home.Contact, Ask: l.settings.Home.Ask,
		Trackers: webTrackers(meta.Trackers), STUN: stunForPages(l.settings.STUN),
		WebSeeds: webSeeds(d, st, meta), Resolvers: []string{},
	}
	if engine.IsDomain(d.Site.Host) && !isUnderKey(d) {
		page.Domain, page.Resolvers = d.Site.Host, loader.Resolvers()
	}
	if d.Site.NoClearnet {
		page.CSP = home.Confined
	}
	return page
}

// webTrackers returns the trackers that browsers can ask from a secure page, in the same order.
func webTrackers(all []string) []string {
	web := []string{}
	for _, t := range all {
		if isSecure(t, "wss") && !slices.Contains(web, t) {
			web = append(web, t)
		}
	}
	return web
}

// webSeeds returns the web seeds that browsers can ask from a secure page: first the site's home, if it is on. Each is
// a folder, with a slash at its end.
func webSeeds(d engine.Detail, st engine.Status, meta swarm.Metainfo) []string {
	seeds := []string{}
	if h, ok := st.HomeOf(d.Site.Host); ok && !h.Off {
		seeds = append(seeds, h.URL+loader.Folder+"files/"+meta.Infohash+"/")
	}
	single := len(d.Files) == 1 && d.Files[0].Path == d.Name // Then an address without a slash is the file's (BEP 19).
	for _, u := range meta.WebSeeds {
		if single && !strings.HasSuffix(u, "/") || !isSecure(u, "https") {
			continue
		}
		if u = strings.TrimSuffix(u, "/") + "/"; !slices.Contains(seeds, u) {
			seeds = append(seeds, u)
		}
	}
	return seeds
}

// isSecure reports whether a secure page may ask a URL: one of the scheme given, or of that without TLS on this
// machine.
func isSecure(s, scheme string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && u.User == nil &&
		(u.Scheme == scheme || u.Scheme+"s" == scheme && engine.IsLoopback(u.Hostname()))
}

// onlyHere reports whether all of the URLs lead to the machine of whoever asks.
func onlyHere(urls []string) bool {
	return !slices.ContainsFunc(urls, func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && !engine.IsLoopback(u.Hostname())
	})
}

// warnings says what keeps browsers from a site. The error is of Kind Refused if nothing leads them to it.
func warnings(s engine.Site, page loader.Site) ([]string, error) {
	said := []string{}
	const give = "start the wtptui that seeds it with --tracker wss://…, or with a home"
	switch ways := slices.Concat(page.Trackers, page.WebSeeds); {
	case len(ways) == 0:
		return nil, &engine.Error{
			Op: "loader", Host: s.Host, Kind: engine.Refused,
			Msg: "browsers would find nobody who has the site: it has neither a WebTorrent tracker (wss://) nor a web seed " +
				"(https://): " + give,
		}
	case onlyHere(ways):
		said = append(said,
			"All trackers and web seeds of the site are on this machine, so that only browsers here get it: "+give+".")
	case len(page.Trackers) == 0:
		said = append(said,
			"It has no WebTorrent tracker (wss://), so that browsers get all of it from its web seeds: "+give+".")
	}
	if s.State == engine.Paused {
		said = append(said, "The site is paused, and not seeded: `wtptui resume "+s.Host+"`.")
	}
	return said, nil
}

// site finds the site whose loader the folder has already, or else the only one that was published here.
func (l *loaderFolder) site(ctx context.Context, eng engine.Engine) (host string, err error) {
	s, err := snapshot(ctx, eng)
	if err != nil {
		return "", err
	}
	own := slices.DeleteFunc(slices.Clone(s.Sites), func(s engine.Site) bool { return !s.Own })
	was, ok := l.was()
	for _, one := range own {
		if ok && one.Host == was.Host {
			return one.Host, nil
		}
	}
	switch {
	case ok:
		return l.later(ctx, eng, own, was)
	case len(own) == 1:
		return own[0].Host, nil
	case len(own) == 0:
		return "", &engine.Error{
			Op: "loader", Kind: engine.NotFound,
			Msg: "no site was published here: name the folder to publish: wtptui publish --loader DIR FOLDER",
		}
	}
	return "", usageError("%d sites were published here: name the folder of one: wtptui publish --loader DIR FOLDER",
		len(own))
}

// was returns what was written into the folder before.
func (l *loaderFolder) was() (was loader.Site, ok bool) {
	text, err := os.ReadFile(filepath.Join(l.dir, filepath.FromSlash(loader.SitePath)))
	ok = err == nil && json.Unmarshal(text, &was) == nil && was.Infohash != ""
	return was, ok
}

// later finds the site that has had the version which the folder has: without a name, each has another host.
func (l *loaderFolder) later(
	ctx context.Context, eng engine.Engine, own []engine.Site, was loader.Site,
) (host string, err error) {
	for _, s := range own {
		d, err := eng.Detail(ctx, s.Host)
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(d.Versions, func(v engine.Version) bool { return v.Infohash == was.Infohash }) {
			return s.Host, nil
		}
	}
	return "", &engine.Error{
		Op: "loader", Host: was.Host, Kind: engine.NotFound,
		Msg: engine.Clean(l.dir + " has the loader of " + was.Host + ", which was not published here: " +
			"`wtptui export --loader " + was.Host + " DIR` writes that of any site"),
	}
}
