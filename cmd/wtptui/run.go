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
// keysName the folder of the keys of sites.
const (
	databaseName = "wtptui.db"
	sitesName    = "sites"
	keysName     = "keys"
)

// minFree is the disk space that is kept free, in bytes: downloads pause below it.
const minFree = 1 << 30

// node is a running engine with everything around it. This file is the only place that joins the parts.
type node struct {
	engine   *sites.Engine
	url      string // root of the loopback server
	swarm    *swarm.Client
	resolver *resolve.Resolver

	// public holds the listeners of the public server, home is that server, and tracker is its tracker. home and tracker
	// may be nil.
	public  homeListeners
	home    *home.Server
	tracker *homeTracker

	hooks        *hooks.Runner
	listWarnings listWarnings
	// metrics is nil unless they are served.
	metrics *metrics.Server
	// failed gets an error when a server ends by itself. Then the node has to be closed.
	failed chan error

	log    *slog.Logger
	ending control.StopHandler
	// settings are those that the node runs with, for clients of the control socket.
	settings atomic.Pointer[[]control.Setting]
	closers  []closer // in the order in which the parts were started
}

// startNode starts all parts. If one of them fails, those started before are closed again. ending is how others ask the
// program to end.
func startNode(
	ctx context.Context, s *settings, folder *dataFolder, log *slog.Logger, ending control.StopHandler,
) (_ *node, err error) {
	n := &node{log: log, ending: ending, failed: make(chan error, 4)}
	n.storeSettings(s)
	defer func() {
		if err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
			defer cancel()
			err = errors.Join(err, n.close(ctx))
		}
	}()
	// What a setting can make fail comes first.
	pages, warnings, err := listenPages(s)
	if err != nil {
		return nil, err
	}
	n.onClose("listener", func(context.Context) error { pages.Close(); return nil })
	more, err := n.listenHome(s, folder)
	if err != nil {
		return nil, err
	}
	warnings = slices.Concat(warnings, more, s.warnings)

	db, report, err := n.openStore(folder)
	if err != nil {
		return nil, err
	}
	warnings = append(warnings, storeWarnings(report, folder)...)

	torrents := s.swarmConfig(folder.path, db, log)
	torrents.OwnTracker = n.tracker.ownTracker()
	if n.swarm, err = swarm.New(torrents); err != nil {
		return nil, err
	}
	n.onClose("swarm", func(context.Context) error { return n.swarm.Close() })

	for _, w := range slices.Concat(warnings, n.swarm.Status().Warnings) {
		log.Warn("starting", "warning", w)
	}
	if err := n.startEngine(ctx, s, folder, db, report, pages, warnings); err != nil {
		return nil, err
	}
	n.hooks = hooks.New(hooks.Config{Engine: n.engine, Dir: folder.path, Store: db, Log: log})
	n.onClose("hooks", func(context.Context) error { n.hooks.Close(); return nil })
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

// openStore opens the database. On the very first start it marks the welcome site as due.
func (n *node) openStore(folder *dataFolder) (*store.DB, store.Report, error) {
	db, report, err := store.Open(folder.databasePath(), n.log)
	if err != nil {
		return nil, report, err
	}
	n.onClose("database", func(context.Context) error { return db.Close() })
	if report.New && !replacesLostDatabase(report, folder) {
		err = db.PutSetting(welcomeDue, []byte("yes"))
	}
	return db, report, err
}

// replacesLostDatabase reports whether a new database replaces a lost one: a damaged one that was moved aside, or a
// missing one, if there are folders of sites. No run leaves them behind without a database.
func replacesLostDatabase(r store.Report, folder *dataFolder) bool {
	return r.New && (r.MovedAside != "" || folder.hasSiteFolders())
}

// startEngine creates the engine, and publishes the welcome site if it is due.
func (n *node) startEngine(
	ctx context.Context, s *settings, folder *dataFolder, db *store.DB, report store.Report, pages net.Listener,
	warnings []string,
) error {
	n.url = "http://localhost:" + listenerPort(pages) + "/"
	config := resolve.Config{
		Servers: s.DoH, MinTTL: s.DNSMinTTL, Cache: db, WellKnown: wellKnownClient(), Relays: s.Relays, Logger: n.log,
	}
	if !s.NoDHT {
		config.Items = n.swarm
	}
	n.resolver = resolve.New(config)
	n.onClose("resolver", func(context.Context) error { return n.resolver.Close() })
	var err error
	n.engine, err = sites.New(sites.Config{
		Store:       db,
		Swarm:       swarmWithWarnings{n.swarm, &n.listWarnings},
		Resolver:    n.resolver,
		Keys:        keyring.New(filepath.Join(folder.path, keysName)),
		Records:     db,
		LocalRoot:   n.url,
		CacheTTL:    s.CacheTTL,
		CacheSize:   s.CacheSize,
		MaxSiteSize: s.MaxSiteSize,
		Bin:         s.Bin,
		KeepFor:     s.KeepFor, KeepVersions: s.KeepVersions, Enough: s.Enough,
		ScrubEvery: s.Scrub, ScrubWait: systemLoad{os.DirFS("/"), runtime.NumCPU()}.busyReason,
		Unclean:  report.Unclean,
		Version:  version(),
		DataDir:  folder.path,
		Warnings: warnings,
		Limits:   s.limits(), LabelLimits: s.LabelLimits,
		Goals: s.goals(), Schedules: s.Schedules, Location: time.Local,
		Homes: n.public.homes, HomeTracker: n.tracker.status,
		Logger: n.log,
	})
	if err != nil {
		return err
	}
	n.onClose("engine", func(context.Context) error { return n.engine.Close() })
	n.tracker.setReady(n.engine.Homes().Keeps)
	return n.publishWelcome(ctx, db)
}

// welcomeDue is the key of the stored setting that means that the welcome site has not been published yet. It survives
// a first start that was interrupted. A welcome site that a person has removed never comes back.
const welcomeDue = "welcome due"

func (n *node) publishWelcome(ctx context.Context, db *store.DB) error {
	due, err := db.Setting(welcomeDue)
	if err != nil || due == nil {
		return err
	}
	if _, err := n.engine.Ship(ctx, welcome.FS(), welcome.Name); err != nil {
		return err
	}
	return db.PutSetting(welcomeDue, nil)
}

// startServers starts the loopback server and the control socket. config is the path of config.toml.
func (n *node) startServers(ctx context.Context, pages net.Listener, folder *dataFolder, config string) error {
	socket, err := control.Listen(filepath.Join(folder.path, socketName))
	if err != nil {
		return err
	}
	web := localserve.New(localserve.Config{
		Opener: n.engine, Log: n.log, Version: version(), TakeRemoved: n.engine.TakeRemoved,
		ObserveUnserved: n.engine.Unserved, Observe: n.observeRequest,
	})
	n.runServer("pages", func() error { return web.Serve(pages) }, func(ctx context.Context) error {
		// Readers get a part of the time only. The rest is for what must be written.
		ctx, cancel := context.WithTimeout(ctx, drainTimeout/4)
		defer cancel()
		return web.Close(ctx)
	})

	controlCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	saved := archive{store: sites.ArchiveOf(n.engine), dir: folder.path, configPath: config, now: time.Now}
	program := control.Program{
		StopHandler: n.ending, Settings: func() []control.Setting { return *n.settings.Load() },
		Backup: saved.write, Restore: saved.restore,
	}
	n.runServer("control", func() error { return control.ServeProgram(controlCtx, socket, n.engine, n.log, program) },
		func(context.Context) error { stop(); return nil })
	return nil
}

// runServer runs a server in the background until stop ends it. If the server ends before that, the node has failed.
func (n *node) runServer(name string, serve func() error, stop func(context.Context) error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := serve(); err != nil {
			n.failed <- err
		}
	}()
	n.onClose(name, func(ctx context.Context) error {
		err := stop(ctx)
		<-done
		return err
	})
}

// storeSettings stores the settings that the node runs with.
func (n *node) storeSettings(s *settings) {
	current := s.toControl()
	n.settings.Store(&current)
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

// listenPages listens for browsers. If the chosen port is in use, it takes the next free one and returns a warning.
func listenPages(s *settings) (ln net.Listener, warnings []string, err error) {
	ln, err = localserve.Listen(s.Listen, s.ListenPublic)
	if err != nil {
		return nil, nil, err
	}
	_, wanted, _ := net.SplitHostPort(s.Listen) // It was validated when it was set.
	if actual := listenerPort(ln); wanted != actual && wanted != "0" {
		warnings = append(warnings, fmt.Sprintf("port %s is taken, serving pages on %s", wanted, actual))
	}
	return ln, warnings, nil
}

func listenerPort(ln net.Listener) string {
	_, port, _ := net.SplitHostPort(ln.Addr().String()) // A TCP listener's address has this form.
	return port
}

// storeWarnings returns warnings about a lost database, for the dashboard's header.
func storeWarnings(r store.Report, folder *dataFolder) []string {
	switch {
	case !replacesLostDatabase(r, folder):
		return nil
	case r.MovedAside == "":
		return []string{"the database was missing; it is rebuilt from the sites' folders"}
	}
	return []string{
		"the database was damaged and moved aside to " + r.MovedAside + "; it is rebuilt from the sites' folders",
	}
}
