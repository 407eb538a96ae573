package ui

import (
	"context"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"wtptui/engine"
	"wtptui/ui/header"
	"wtptui/ui/history"
	"wtptui/ui/inspector"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/list"
	"wtptui/ui/page"
	"wtptui/ui/state"
	"wtptui/ui/theme"
	"wtptui/ui/toast"
)

// Model is the dashboard's state. Only the goroutine of Bubble Tea's event loop touches it; commands get copies.
type Model struct {
	cfg  Config
	ctx  context.Context //nolint:containedctx // It is the program's life, which commands must not outlast.
	gate gate
	// stop ends the program from outside of Update; nil in tests. crash is why.
	stop  func()
	crash *Crash

	engine engine.Engine
	feed   <-chan engine.Snapshot
	phase  header.Phase
	fault  error // of Start or Watch

	snap  engine.Snapshot
	seen  uint64 // the newest event that has been told
	now   time.Time
	rates history.Rates

	w, h      int
	profile   colorprofile.Profile
	light     bool // the terminal's background
	theme     *theme.Theme
	keys      *keys.Map
	header    *header.Pane
	list      *list.Pane
	inspector *inspector.Pane
	toast     *toast.Pane
	page      *page.Pane // nil on the main screen
	window    window     // nil when nothing lies on top
	// endRequests are those that the person has not been asked about yet.
	endRequests []EndRequest
	typing      *textinput.Model // the filter's field, nil when it is not being typed
	// inspect says whether the person wants the inspector beside the table, once they have said so (chosen). full is
	// that it has been opened in the table's place, where there is no room for both: a layer that one leaves again.
	// size is its height in rows beside the table, 0 for what suits the screen.
	inspect, chosen, full bool
	size                  int
	mouse, ascii          bool

	// setup is the screen's setup as it was read; kept is what the file holds, and touched that it may have changed
	// since.
	setup   state.State
	kept    []byte
	touched bool
	wanted  string // the theme that was chosen, empty for what suits the terminal

	// frozen holds the screen still; pending is the newest snapshot that has come since. blurred says that the terminal
	// has no focus; still is the frame that stands meanwhile.
	frozen, blurred, drawUnseen bool
	pending                     *engine.Snapshot
	still                       string
	title                       string
	progress                    *tea.ProgressBar

	events   []engine.Event // what has happened, the newest last
	jobs     []*job         // what the engine has been asked for, the newest last
	evicting map[string]bool

	// looked is the host whose detail was asked for last. One question is under way at a time; again says that
	// another has to follow it.
	looked        string
	asking, again bool

	clicked click // the last one
}

func newModel(ctx context.Context, cfg Config) *Model {
	cfg = cfg.complete()
	th := theme.Dark()
	m := &Model{
		cfg:       cfg,
		ctx:       ctx,
		now:       cfg.Now(),
		theme:     &th,
		keys:      cfg.Keys,
		header:    &header.Pane{Theme: &th},
		list:      list.New(&th, cfg.Keys),
		inspector: inspector.New(&th, cfg.Keys),
		toast:     &toast.Pane{Theme: &th, Keys: cfg.Keys},
		mouse:     !cfg.NoMouse,
		ascii:     cfg.ASCII,
		profile:   cfg.Color,
		light:     cfg.light(),
	}
	m.toast.Tick(m.now)
	m.list.Tick(m.now)
	m.restore()
	m.setLook()
	m.decorate()
	return m
}

// Init implements tea.Model: it starts the engine and the clock, and asks the terminal for its background.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.startCmd(), m.tickCmd(), awaitEndRequest(m.ctx, m.cfg.EndRequests), tea.RequestBackgroundColor)
}

// setLook picks the theme that the terminal can show and that goes with its background.
func (m *Model) setLook() {
	p := m.profile
	switch {
	case m.colorless(), m.wanted == themeNone:
		*m.theme = theme.None()
	case p == colorprofile.ANSI:
		*m.theme = theme.Sixteen()
	default:
		*m.theme = m.pickTheme()
	}
	m.theme.ASCII = m.ascii
	if p == colorprofile.ANSI256 {
		*m.theme = m.theme.Palette()
	}
}

// colorless reports whether the terminal shows no colours, or is not to.
func (m *Model) colorless() bool {
	return m.profile == colorprofile.NoTTY || m.profile == colorprofile.ASCII
}

// screen is the geometry of the main screen.
func (m *Model) screen() layout.Screen {
	return layout.Compute(m.w, m.h, layout.Want{Warning: m.header.HasWarning(), Inspector: m.inspecting() && m.list.Total() > 0, Size: m.size})
}

// target is the site that verbs are about.
func (m *Model) target() (engine.Site, bool) {
	if m.page != nil {
		return m.list.Find(m.page.Host())
	}
	return m.list.Selected()
}
