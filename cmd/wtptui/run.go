package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"wtptui/cmd/wtptui/hooks"
	"wtptui/cmd/wtptui/metrics"
	"wtptui/cmd/wtptui/welcome"
	"wtptui/engine/keyring"
	"wtptui/engine/resolve"
	"wtptui/engine/sites"
	"wtptui/engine/swarm"
	"wtptui/localserve"
	"wtptui/localserve/control"
	"wtptui/localserve/home"
	"wtptui/store"
)

// databaseName is the database in the data folder, sitesName the folder that has a folder for each torrent, and
// keysName the one that has the keys of sites.
const (
	databaseName = "wtptui.db"
	sitesName    = "sites"
	keysName     = "keys"
)

// minFree is how much disk space stays free, in bytes: downloads pause below it.
const minFree = 1 << 30

// node is a running engine with everything around it: this file is the one place that puts the parts together.
type node struct {
	engine   *sites.Engine
	url      string // root of the loopback server
	swarm    *swarm.Client
	resolver *resolve.Resolver

	// public is what the public server has, and home that; without homes it is nil. tracker is its tracker, which may be
	// nil, too.
	public  homeListeners
	home    *home.Server
	tracker *homeTracker

	hooks        *hooks.Runner
	listWarnings listWarnings
	// metrics is nil unless they are served.
	metrics *metrics.Server
	// failed gets an error when a server ends by itself; the node cannot go on then.
	failed chan error

	log    *slog.Logger
	ending control.Ending
	// settings are those that the node runs with, for whoever asks over the control socket.
	settings atomic.Pointer[[]control.Setting]
	closers  []closer // in the order of starting
}

// startNode starts all parts. When one of them fails, those before it are closed again. ending is how others ask the
// program to end.
func startNode(ctx context.Context, s *settings, folder *dataFolder, log *slog.Logger, ending control.Ending) (_ *node, err error) {
	n := &node{log: log, ending: ending, failed: make(chan error, 4)}
	n.runsWith(s)
	defer func() {
		if err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
			defer cancel()
			err = errors.Join(err, n.close(ctx))
		}
	}()
	// What can be refused for a setting comes first.
	pages, warnings, err := listenPages(s)
	if err != nil {
		return nil, err
	}
	n.closeLater("listener", func(context.Context) error { pages.Close(); return nil })
	more, err := n.listenHome(s, folder)
	if err != nil {
		return nil, err
	}
	warnings = slices.Concat(warnings, more, s.doubts)

	db, report, err := n.openStore(folder)
	if err != nil {
		return nil, err
	}
	warnings = append(warnings, storeWarnings(report, folder)...)

	torrents := s.swarmConfig(folder.path, db, log)
	torrents.OwnTracker = n.tracker.own()
	if n.swarm, err = swarm.New(torrents); err != nil {
		return nil, err
	}
	n.closeLater("swarm", func(context.Context) error { return n.swarm.Close() })

	for _, w := range slices.Concat(warnings, n.swarm.Status().Warnings) {
		log.Warn("starting", "warning", w)
	}
	if err := n.startEngine(ctx, s, folder, db, report, pages, warnings); err != nil {
		return nil, err
	}
	n.hooks = hooks.New(hooks.Config{Engine: n.engine, Dir: folder.path, Store: db, Log: log})
	n.closeLater("hooks", func(context.Context) error { n.hooks.Close(); return nil })
	n.hooks.SetCommands(s.Hooks.Commands)
	if err := n.startMetrics(s, pages); err != nil {
		return nil, err
	}
	if err := n.startServers(ctx, pages, folder, s.configFile()); err != nil {
		return nil, err
	}
	n.startHome(ctx, s)
	n.startPinLists(ctx, s, folder)
	return n, nil
}

// openStore opens the database. On the very first start the welcome site is due.
func (n *node) openStore(folder *dataFolder) (*store.DB, store.Report, error) {
	db, report, err := store.Open(folder.database(), n.log)
	if err != nil {
		return nil, report, err
	}
	n.closeLater("database", func(context.Context) error { return db.Close() })
	if report.New && !lostDatabase(report, folder) {
		err = db.PutSetting(welcomeDue, []byte("yes"))
	}
	return db, report, err
}

// lostDatabase reports whether a database that is new takes the place of another: that was moved aside, or there are
// folders of sites, which no run leaves behind without one.
func lostDatabase(r store.Report, folder *dataFolder) bool {
	return r.New && (r.MovedAside != "" || folder.hasSites())
}

// startEngine makes the engine, and on the very first start publishes the welcome site.
func (n *node) startEngine(ctx context.Context, s *settings, folder *dataFolder, db *store.DB, report store.Report, pages net.Listener, warnings []string) error {
	n.url = "http://localhost:" + portOf(pages) + "/"
	asking := resolve.Config{
		Servers: s.DoH, MinTTL: s.DNSMinTTL, Cache: db, WellKnown: wellKnownClient(), Relays: s.Relays, Logger: n.log,
	}
	if !s.NoDHT {
		asking.Items = n.swarm
	}
	n.resolver = resolve.New(asking)
	n.closeLater("resolver", func(context.Context) error { return n.resolver.Close() })
	var err error
	n.engine, err = sites.New(sites.Config{
		Store:       db,
		Swarm:       warnedSwarm{n.swarm, &n.listWarnings},
		Resolver:    n.resolver,
		Keys:        keyring.New(filepath.Join(folder.path, keysName)),
		Records:     db,
		LocalRoot:   n.url,
		CacheTTL:    s.CacheTTL,
		CacheSize:   s.CacheSize,
		MaxSiteSize: s.MaxSiteSize,
		Bin:         s.Bin,
		KeepFor:     s.KeepFor, KeepVersions: s.KeepVersions, Enough: s.Enough,
		ScrubEvery: s.Scrub, ScrubWait: machine{os.DirFS("/"), runtime.NumCPU()}.busy,
		Unclean:  report.Unclean,
		Version:  version(),
		DataDir:  folder.path,
		Warnings: warnings,
		Limits:   s.limits(), LabelLimits: s.LabelLimits,
		Goals: s.goals(), Schedules: s.Schedules, Location: time.Local,
		Homes: n.public.homes, HomeTracker: n.tracker.view,
		Logger: n.log,
	})
	if err != nil {
		return err
	}
	n.closeLater("engine", func(context.Context) error { return n.engine.Close() })
	n.tracker.open(n.engine.Homes().Keeps)
	return n.welcome(ctx, db)
}

// welcomeDue is the setting that says that the welcome site has not been published yet. It outlives a first start that
// was cut short, and a site that a person has removed never comes back.
const welcomeDue = "welcome due"

func (n *node) welcome(ctx context.Context, db *store.DB) error {
	due, err := db.Setting(welcomeDue)
	if err != nil || due == nil {
		return err
	}
	if _, err := n.engine.Ship(ctx, welcome.FS(), welcome.Name); err != nil {
		return err
	}
	return db.PutSetting(welcomeDue, nil)
}

// startServers answers browsers and the control socket; config is where config.toml is.
func (n *node) startServers(ctx context.Context, pages net.Listener, folder *dataFolder, config string) error {
	socket, err := control.Listen(filepath.Join(folder.path, socketName))
	if err != nil {
		return err
	}
	web := localserve.New(localserve.Config{
		Opener: n.engine, Log: n.log, Version: version(), Removed: n.engine.TakeRemoved, Unserved: n.engine.Unserved, Observe: n.observe,
	})
	n.background("pages", func() error { return web.Serve(pages) }, func(ctx context.Context) error {
		// Readers get part of the time only: what follows must be written down.
		ctx, cancel := context.WithTimeout(ctx, drainTime/4)
		defer cancel()
		return web.Close(ctx)
	})

	controlled, stop := context.WithCancel(context.WithoutCancel(ctx))
	kept := archive{sites: sites.ArchiveOf(n.engine), dir: folder.path, config: config, now: time.Now}
	program := control.Program{
		Ending: n.ending, Settings: func() []control.Setting { return *n.settings.Load() },
		Backup: kept.write, Restore: kept.restore,
	}
	n.background("control", func() error { return control.ServeProgram(controlled, socket, n.engine, n.log, program) },
		func(context.Context) error { stop(); return nil })
	return nil
}

// background runs a server until stop ends it. An end before that is a failure of the node.
func (n *node) background(name string, serve func() error, stop func(context.Context) error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := serve(); err != nil {
			n.failed <- err
		}
	}()
	n.closeLater(name, func(ctx context.Context) error {
		err := stop(ctx)
		<-done
		return err
	})
}

// runsWith says which settings hold from now on.
func (n *node) runsWith(s *settings) {
	told := s.told()
	n.settings.Store(&told)
}

func (n *node) peerPort() int { return n.swarm.Status().Port }

func (s *settings) swarmConfig(dir string, db *store.DB, log *slog.Logger) swarm.Config {
	return swarm.Config{
		Dir:        filepath.Join(dir, sitesName),
		Completion: db,
		PeerHost:   s.PeerHost,
		PeerPort:   s.PeerPort,
		Trackers:   s.Trackers, TrackerMinInterval: s.TrackerMinInterval,
		ICEServers: iceServers(s.STUN),
		DHT:        !s.NoDHT, DHTBootstrap: s.DHTNodes,
		LSD:        !s.NoLSD,
		UPnP:       !s.NoUPnP,
		Encryption: swarm.Encryptions[s.Encryption],
		MaxConns:   s.MaxConns, MaxConnsEach: s.MaxConnsEach,
		Limits:  s.limits(),
		MinFree: minFree,
		Logger:  log,
	}
}

// listenPages listens for browsers; when the port that was asked for is taken, on the next free one.
func listenPages(s *settings) (ln net.Listener, warnings []string, err error) {
	ln, err = localserve.Listen(s.Listen, s.ListenPublic)
	if err != nil {
		return nil, nil, err
	}
	_, asked, _ := net.SplitHostPort(s.Listen) // It was checked when it was set.
	if got := portOf(ln); asked != got && asked != "0" {
		warnings = append(warnings, fmt.Sprintf("port %s is taken, serving pages on %s", asked, got))
	}
	return ln, warnings, nil
}

func portOf(ln net.Listener) string {
	_, port, _ := net.SplitHostPort(ln.Addr().String()) // A TCP listener's address has this form.
	return port
}

// storeWarnings says what happened to the database, for the dashboard's header.
func storeWarnings(r store.Report, folder *dataFolder) []string {
	switch {
	case !lostDatabase(r, folder):
		return nil
	case r.MovedAside == "":
		return []string{"the database was missing; it is rebuilt from the sites' folders"}
	}
	return []string{"the database was damaged and moved aside to " + r.MovedAside + "; it is rebuilt from the sites' folders"}
}
