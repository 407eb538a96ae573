package ui

import (
	"context"
)

// Model is the dashboard: the tea.Model that hands what comes in to those who know about it. Only the goroutine of Bubble Tea's
// event loop touches it and what belongs to it; commands get copies.
type Model struct {
	cfg *Config
	// stop ends the program from outside of Update; nil in tests. crash is why.
	stop  func()
	crash *Crash

	conn       *connection
	screen     *screen
	appearance *appearance
	drawing    *drawing
	setup      *setup
	details    *details
	status     *status
	news       *news
	title      *titleBar
	frame      *frame
	pointer    *pointer
	alt        *altKeys

	jobs       *jobRunner
	undoing    *undoing
	actions    *siteActions
	limits     *limits
	enough     *enough
	labelling  *labelling
	own        *ownCommands
	menus      *menus
	finder     *finder
	clipboard  *clipboard
	browser    *browser
	publishing *publishing
	adding     *adding
	choosing   *choosing
	ending     *ending
}

func newModel(ctx context.Context, config Config) *Model {
	config = config.complete()
	cfg := &config
	conn, sc := &connection{cfg: cfg, ctx: ctx}, newScreen(cfg)
	m := &Model{cfg: cfg, conn: conn, screen: sc}
	m.appearance = &appearance{screen: sc, mouse: !cfg.NoMouse, ascii: cfg.ASCII, profile: cfg.Color, light: cfg.light()}
	m.drawing = &drawing{screen: sc}
	m.details = &details{conn: conn, screen: sc}
	m.status = &status{conn: conn, screen: sc}
	m.title = &titleBar{cfg: cfg, conn: conn}
	m.frame = &frame{cfg: cfg, conn: conn, screen: sc, appearance: m.appearance}
	m.pointer = &pointer{cfg: cfg, conn: conn, screen: sc, frame: m.frame, drawing: m.drawing, act: m.act}
	m.alt = &altKeys{cfg: cfg, screen: sc}

	m.jobs = &jobRunner{cfg: cfg, conn: conn, screen: sc}
	m.undoing = &undoing{conn: conn, screen: sc, jobs: m.jobs}
	m.setup = &setup{cfg: cfg, screen: sc, appearance: m.appearance, drawing: m.drawing, undoing: m.undoing, path: cfg.StateFile}
	m.news = &news{conn: conn, screen: sc, undoing: m.undoing}
	m.clipboard = &clipboard{cfg: cfg, conn: conn, screen: sc}
	m.browser = &browser{cfg: cfg, screen: sc, clipboard: m.clipboard}
	m.actions = &siteActions{conn: conn, screen: sc, jobs: m.jobs, browser: m.browser}
	m.limits = &limits{conn: conn, screen: sc, jobs: m.jobs}
	m.own = newOwnCommands(cfg, conn, sc)
	m.enough = &enough{conn: conn, screen: sc, jobs: m.jobs}
	m.labelling = &labelling{conn: conn, screen: sc, jobs: m.jobs}
	m.menus = &menus{cfg: cfg, conn: conn, screen: sc, appearance: m.appearance, drawing: m.drawing, limits: m.limits}
	m.choosing = &choosing{conn: conn, screen: sc}
	m.publishing = &publishing{conn: conn, screen: sc, clipboard: m.clipboard, browser: m.browser, choosing: m.choosing}
	m.adding = &adding{conn: conn, screen: sc, choosing: m.choosing}
	m.ending = &ending{cfg: cfg, conn: conn, screen: sc}

	m.finder = &finder{conn: conn, screen: sc, menus: m.menus, undoing: m.undoing, act: m.act}

	m.setup.restore()
	m.appearance.apply()
	m.title.update()
	return m
}
