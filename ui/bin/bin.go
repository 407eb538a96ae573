package bin

import (
	"cmp"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/rows"
	"wtptui/ui/search"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Loaded is the message with the content of the bin.
type Loaded struct {
	Binned []engine.Binned
	Err    error
}

// Commands are the functions through which the window acts.
type Commands struct {
	// Load requests the content of the bin, which is reported as Loaded.
	Load func() tea.Cmd
	// Restore brings a site back.
	Restore func(engine.Binned) tea.Cmd
}

// Window shows the bin in place of the main screen, the newest entry on top.
type Window struct {
	theme    *theme.Theme
	commands Commands
	now      func() time.Time
	list     *rows.List[engine.Binned]
	binState engine.Bin
	// loading reports whether an answer is awaited, and reload whether the bin has changed since it was requested. problem
	// is the error of the last answer.
	loading, reload bool
	problem         string
}

// New returns the window. It is empty until the command has been answered.
func New(th *theme.Theme, now func() time.Time, commands Commands) (*Window, tea.Cmd) {
	w := &Window{theme: th, commands: commands, now: now}
	w.list = &rows.List[engine.Binned]{
		Theme: th, Columns: w.columns(), Key: func(b *engine.Binned) string { return b.Ref() },
	}
	w.list.Focus(true)
	load := w.load()
	return w, load
}

func (w *Window) load() tea.Cmd {
	if w.loading {
		w.reload = true
		return nil
	}
	w.loading, w.reload = true, false
	return w.commands.Load()
}

// columns returns the columns of the table. The site that is deleted first has the least time left.
func (w *Window) columns() []rows.Column[engine.Binned] {
	text := func(value func(*engine.Binned) string, style theme.Style) func(*engine.Binned) table.Cell {
		return func(b *engine.Binned) table.Cell { return table.Cell{Text: value(b), Style: style} }
	}
	return []rows.Column[engine.Binned]{
		{
			Title: "Site", Width: 24, Min: 12, Max: 40,
			Cell: text(func(b *engine.Binned) string {
				on := onMachine(b.Machine)
				return badge.Host(b.Host, 40-format.Width(on)) + on
			}, w.theme.Strong),
		},
		{
			Title: "Title", Width: 24, Min: 8, Max: 60, Rank: 2,
			Cell: text(func(b *engine.Binned) string { return format.Text(b.Title) }, w.theme.Text),
		},
		{
			Title: "Size", Width: 8, Right: true,
			Cell: text(func(b *engine.Binned) string { return format.Bytes(b.Bytes) }, w.theme.Text),
		},
		{
			Title: "Sent away", Width: 10, Right: true, Rank: 1,
			Cell: text(func(b *engine.Binned) string { return format.Ago(b.Since.Std(), w.now()) }, w.theme.Dim),
		},
		{
			Title: "Left", Width: 6, Right: true,
			Cell: text(func(b *engine.Binned) string { return format.Duration(b.Until.Std().Sub(w.now()).Round(time.Minute)) },
				w.theme.Warn),
		},
		{Title: "", Width: 26, Rank: 3, Cell: text(flagsText, w.theme.Dim)},
	}
}

// onMachine returns " on " and the machine of a fleet, to follow a host.
func onMachine(name string) string {
	if name == "" {
		return ""
	}
	return " on " + name
}

// flagsText returns what is special about a site.
func flagsText(b *engine.Binned) string {
	var words []string
	if b.Pinned {
		words = append(words, "pinned")
	}
	if b.Mine {
		words = append(words, "own")
	}
	if b.Found {
		words = append(words, "found")
	}
	if b.Removed {
		words = append(words, "with history")
	}
	return strings.Join(words, ", ")
}

// Situation names the stack of scopes that is in force.
func (*Window) Situation() string { return "bin" }

// Search returns the search for sites in the bin.
func (w *Window) Search() *search.Search { return w.list.Search() }

// Full marks the window as one that takes the whole body.
func (*Window) Full() {}

// Watch requests the bin again when it has changed.
func (w *Window) Watch(snap engine.Snapshot) tea.Cmd {
	if snap.Status.Bin == w.binState {
		return nil
	}
	w.binState = snap.Status.Bin
	return w.load()
}

// Update handles the content of the bin.
func (w *Window) Update(msg tea.Msg) tea.Cmd {
	loaded, ok := msg.(Loaded)
	if !ok {
		return nil
	}
	w.loading = false
	w.problem = ""
	if loaded.Err != nil {
		w.problem = engine.Message(loaded.Err)
	} else {
		items := slices.Clone(loaded.Binned)
		slices.SortStableFunc(items, func(a, b engine.Binned) int {
			return cmp.Or(b.Since.Std().Compare(a.Since.Std()), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Machine, b.Machine))
		})
		w.list.SetItems(items)
	}
	if w.reload {
		return w.load()
	}
	return nil
}

// Act moves, brings the selected site back, or closes the window.
func (w *Window) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	if a == keys.Accept {
		if b, ok := w.list.Selected(); ok {
			return w.commands.Restore(*b), true
		}
		return nil, true
	}
	return nil, w.list.Handle(a)
}

// HasNoEffect reports whether there is nothing to bring back.
func (w *Window) HasNoEffect(a keys.Action) bool { return a == keys.Accept && w.list.Count() == 0 }

// Click selects the row at line y; a second click brings that site back.
func (w *Window) Click(_, y int, twice bool) (cmd tea.Cmd, open bool) {
	if w.list.ClickRow(y-1) && twice {
		return w.Act(keys.Accept)
	}
	return nil, true
}

// View draws the window in width by h cells.
func (w *Window) View(width, h int) string {
	title := " " + w.theme.Strong.Render("The bin")
	switch n := w.list.Count(); {
	case w.problem != "":
		title += "  " + w.theme.Bad.Render("✗ "+format.Text(w.problem))
	case n > 0:
		var bytes int64
		for _, b := range w.list.Items() {
			bytes += b.Bytes
		}
		title += w.theme.Dim.Render("  " + format.Plural(n, "site") + ", " + format.Bytes(bytes))
	}
	title = format.Cut(title, width)
	if w.list.Count() == 0 {
		text := "The bin is empty. Sites that are evicted or removed can be brought back from here."
		if w.loading {
			text = "Loading…"
		}
		lines := append([]string{title, ""}, layout.Paragraph(text, width, w.theme.Dim)...)
		return layout.Block(strings.Join(lines, "\n"), width, h)
	}
	below := ""
	if b, ok := w.list.Selected(); ok {
		s := engine.Site{Host: b.Host, Machine: b.Machine, Title: b.Title}
		key := w.theme.SpellKeys(keys.Name("enter"))
		text := key + " brings back " + badge.Name(s, 40) + " as it was" + historyText(b)
		below = " " + w.theme.Dim.Render(format.Cut(text, width-1))
	}
	return layout.Block(title+"\n"+layout.Block(w.list.View(width, h-2), width, h-2)+"\n"+below, width, h)
}

func historyText(b *engine.Binned) string {
	if b.Removed {
		return ", with its history"
	}
	return ""
}
