package ui

import (
	"iter"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/header"
	"wtptui/ui/inspector"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/list"
	"wtptui/ui/page"
	"wtptui/ui/theme"
	"wtptui/ui/toast"
)

// screen holds the panes, and lays them out on the terminal.
type screen struct {
	w, h      int       // of the terminal, in cells
	now       time.Time // of the last tick
	theme     *theme.Theme
	keys      *keys.Map
	header    *header.Pane
	list      *list.Pane
	inspector *inspector.Pane
	toast     *toast.Pane
	page      *page.Pane // nil on the main screen
	windows   windows
	filter    filterField
	homes     []engine.Home // Status.Homes of the newest snapshot that is shown
	// inspectorWanted reports whether the person wants the inspector beside the table, once they have chosen
	// (inspectorChosen). inspectorFull reports whether it covers the table, where there is no room for both: a layer that
	// the person leaves again. inspectorHeight is its height in rows beside the table, 0 for one that suits the screen.
	inspectorWanted, inspectorChosen, inspectorFull bool
	inspectorHeight                                 int
}

func newScreen(cfg *Config) *screen {
	th := theme.Dark()
	sc := &screen{
		now:       cfg.Now(),
		theme:     &th,
		keys:      cfg.Keys,
		header:    &header.Pane{Theme: &th, Machine: cfg.Machine, MachineColor: cfg.MachineColor},
		list:      list.New(&th, cfg.Keys),
		inspector: inspector.New(&th, cfg.Keys),
		toast:     &toast.Pane{Theme: &th, Keys: cfg.Keys},
	}
	sc.list.MachineColors = cfg.Fleet
	sc.list.Columns = sc.list.Columns.ForFleet(cfg.Fleet != nil)
	sc.windows.theme = sc.theme
	sc.filter.list, sc.filter.theme = sc.list, sc.theme
	sc.toast.Tick(sc.now)
	sc.list.Tick(sc.now)
	return sc
}

// resize sets the size of the terminal. There may be no room for the inspector any more.
func (sc *screen) resize(w, h int) {
	sc.w, sc.h = w, h
	sc.focus(sc.inspectorShown() && sc.inspector.Focused())
}

// situation names the stack of scopes that is in force.
func (sc *screen) situation() string {
	s := sc.activeSearch()
	switch {
	case s != nil && s.Typing():
		return "searching"
	case sc.windows.shown != nil:
		return sc.windows.shown.Situation()
	case sc.filter.typing():
		return "filter"
	case sc.page != nil:
		return "page"
	case sc.inspector.Focused():
		return "inspector"
	}
	return "main"
}

// goToSite closes the window and selects a site.
func (sc *screen) goToSite(host string) tea.Cmd {
	if _, ok := sc.list.Lookup(host); !ok {
		sc.toast.ShowNothingDone(badge.NameOfRef(host, 40) + " is not here any more")
		return nil
	}
	sc.windows.shown, sc.page = nil, nil
	sc.list.Reveal(host)
	return nil
}

// openPage opens the page of a site; its detail is requested at once.
func (sc *screen) openPage(s engine.Site) {
	sc.page = page.New(sc.theme, sc.keys, s, sc.now)
}

// fileURL returns the address of the file that is selected where files are shown.
func (sc *screen) fileURL() (string, bool) {
	if sc.page != nil {
		return sc.page.URL()
	}
	return sc.inspector.URL()
}

// inspectorShown reports whether the inspector is visible on the main screen.
func (sc *screen) inspectorShown() bool {
	if !layout.Split(sc.w, sc.h) {
		return sc.inspectorFull
	}
	return sc.inspectorWanted || !sc.inspectorChosen
}

// showInspector shows the inspector or hides it.
func (sc *screen) showInspector(on bool) {
	if layout.Split(sc.w, sc.h) {
		sc.inspectorWanted, sc.inspectorChosen = on, true
	} else {
		sc.inspectorFull = on
	}
	if !on {
		sc.focus(false)
	}
}

// revealInspector shows the inspector for a key that concerns it, and reports whether it was hidden.
func (sc *screen) revealInspector() bool {
	if sc.inspectorShown() || sc.list.Total() == 0 {
		return false
	}
	sc.showInspector(true)
	return true
}

// inspectorCoversTable reports whether the inspector covers the table.
func (sc *screen) inspectorCoversTable() bool {
	return sc.page == nil && sc.inspectorShown() && sc.list.Total() > 0 && !layout.Split(sc.w, sc.h)
}

// resizeInspector makes the inspector larger by d rows, or smaller.
func (sc *screen) resizeInspector(d int) {
	s := sc.layout()
	if sc.revealInspector() || s.Inspector.H == 0 || s.InspectorFull {
		return
	}
	sc.inspectorHeight = s.Inspector.H + d
	sc.inspectorHeight = sc.layout().Inspector.H // as far as there is room
}

// focus gives the keys to the inspector or back to the table.
func (sc *screen) focus(onInspector bool) {
	sc.inspector.Focus(onInspector)
	sc.list.Focused = !onInspector
}

// showsProblem reports whether page or inspector show the problem of the present site in full.
func (sc *screen) showsProblem() bool {
	if sc.page != nil {
		return sc.page.ShowsProblem()
	}
	return sc.inspector.ShowsProblem(sc.layout().Inspector.H)
}

// closePageOf closes the page of a site that has just been evicted or removed.
func (sc *screen) closePageOf(sites []engine.Site) {
	if sc.page != nil && slices.ContainsFunc(sites, func(s engine.Site) bool { return s.Ref() == sc.page.Ref() }) {
		sc.page = nil
	}
}

// layout returns the geometry of the main screen.
func (sc *screen) layout() layout.Screen {
	return layout.Compute(sc.w, sc.h, layout.Options{
		Homes: sc.header.HasHomes(), Warning: sc.header.HasWarning(),
		Inspector: sc.inspectorShown() && sc.list.Total() > 0, TableRows: sc.list.Total(),
		InspectorHeight: sc.inspectorHeight,
	})
}

// target returns the site that verbs concern.
func (sc *screen) target() (engine.Site, bool) {
	if sc.page != nil {
		return sc.list.Lookup(sc.page.Ref())
	}
	return sc.list.Selected()
}

// detailRef returns the Ref of the site whose detail is on the screen; empty for none.
func (sc *screen) detailRef() string {
	if sc.page != nil {
		return sc.page.Ref()
	}
	if s, ok := sc.list.Selected(); ok && sc.inspectorShown() {
		return s.Ref()
	}
	return ""
}

// eachTarget iterates over the sites that an action concerns: the marked ones, or else the selected one.
func (sc *screen) eachTarget() iter.Seq[*engine.Site] {
	if sc.page == nil && sc.list.Marks.Any() {
		return sc.list.Marks.Each()
	}
	return func(yield func(*engine.Site) bool) {
		if s, ok := sc.target(); ok {
			yield(&s)
		}
	}
}

// hasTarget reports whether there is a site that an action would concern.
func (sc *screen) hasTarget() bool {
	for range sc.eachTarget() {
		return true
	}
	return false
}

// targets returns copies of the sites that an action concerns. If there is none it shows that.
func (sc *screen) targets() (sites []engine.Site) {
	for s := range sc.eachTarget() {
		sites = append(sites, *s)
	}
	if len(sites) == 0 {
		sc.toast.Show(engine.Warning, "No site is selected")
	}
	return sites
}
