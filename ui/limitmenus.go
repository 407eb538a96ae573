package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/dialog"
	"wtptui/ui/format"
	"wtptui/ui/undo"
)

// limitMenus are the windows in which the transfer limits are changed.
type limitMenus struct {
	conn   *connection
	screen *screen
	jobs   *jobRunner
}

// open shows the limits, in a fleet those of each machine, and lets them be changed.
func (li *limitMenus) open() {
	if len(li.conn.fleet()) == 0 {
		li.openFor("")
		return
	}
	li.screen.windows.openLiveMenu("Rate limits", func() []dialog.Line {
		var items []dialog.Line
		for i, m := range li.conn.fleet() {
			hint := format.Limits(m.Limits.Down, m.Limits.Up)
			switch {
			case m.Away != "":
				hint = "away"
			case m.ReadOnly:
				hint += ", read-only"
			}
			items = append(items,
				dialog.Line{Key: digitKey(i), Label: m.Name, Detail: hint, Do: func() tea.Cmd {
					li.openMachine(m.Name)
					return nil
				}})
		}
		return items
	})
}

// openMachine shows the limits of a machine of the fleet, if it can be reached.
func (li *limitMenus) openMachine(name string) {
	if m, ok := li.conn.snap.Status.FindMachine(name); !ok || m.Away != "" {
		li.screen.toast.Show(engine.Warning, name+" is away: its limits cannot be changed now")
		return
	}
	li.openFor(name)
}

// openFor shows the limits over all sites and of each label, and lets them be changed.
func (li *limitMenus) openFor(machine string) {
	var labels []string
	title := "Rate limits"
	if machine != "" {
		title += " on " + machine
	}
	li.screen.windows.openLiveMenu(title, func() []dialog.Line {
		for _, label := range li.labelNames(machine) {
			if !slices.Contains(labels, label) { // Those that are on the screen keep their keys.
				labels = append(labels, label)
			}
		}
		items := li.limitLines("", machine)
		for i, label := range labels {
			items = append(items, li.labelLine(i, label, machine))
		}
		return append(items, li.scheduleLines(machine)...)
	})
}

// scheduleLines returns the line of the schedule in force, or of the next one. Schedules are set in config.toml.
func (li *limitMenus) scheduleLines(machine string) []dialog.Line {
	s, now := li.conn.snap.Status.Schedule, li.screen.now
	if m, ok := li.conn.snap.Status.FindMachine(machine); ok {
		s = m.Schedule
	}
	until := format.Until(s.Until.Std(), now)
	done := func() tea.Cmd { return nil }
	switch {
	case s.Name == "" && s.Next == "":
		return nil
	case s.Name == "":
		return []dialog.Line{{Label: "Schedule " + format.Text(s.Next), Detail: "from " + until, Do: done}}
	}
	hint := "usually " + format.Limits(s.Usual.Down, s.Usual.Up)
	if s.Paused {
		hint = "all sites are paused"
	}
	if until != "" {
		hint = "until " + until + ", " + hint
	}
	return []dialog.Line{{Label: "Schedule " + format.Text(s.Name), Detail: hint, Do: done}}
}

// labelLine returns the line of a label, which opens its limits.
func (li *limitMenus) labelLine(i int, label, machine string) dialog.Line {
	l := li.conn.limitsOf(label, machine)
	it := dialog.Line{
		Label: "Label " + label, Detail: format.Limits(l.Down, l.Up),
		Do: func() tea.Cmd {
			li.screen.windows.openLiveMenu("Limits"+undo.LimitsScopeText(l), func() []dialog.Line {
				return li.limitLines(label, machine)
			})
			return nil
		},
	}
	it.Key = digitKey(i)
	return it
}

// labelNames returns all labels that a site or a limit of a machine has, sorted.
func (li *limitMenus) labelNames(machine string) (labels []string) {
	for _, s := range li.conn.snap.Sites {
		if s.Machine == machine {
			labels = append(labels, s.Labels...)
		}
	}
	for _, l := range li.conn.snap.Status.LabelLimits {
		if l.Machine == machine {
			labels = append(labels, l.Label)
		}
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// limitLines returns the lines that change the limits of a label, or with an empty label those over all sites.
func (li *limitMenus) limitLines(label, machine string) []dialog.Line {
	l := li.conn.limitsOf(label, machine)
	scope := undo.LimitsScopeText(l)
	item := func(key, name string, now int64, withLimit func(int64) engine.Limits) dialog.Line {
		return dialog.Line{Key: key, Label: name, Detail: limitText(now), Do: func() tea.Cmd {
			li.openEntry(name+" limit"+scope, now, withLimit)
			return nil
		}}
	}
	return []dialog.Line{
		item("d", "Download", l.Down, func(n int64) engine.Limits { l.Down = n; return l }),
		item("u", "Upload", l.Up, func(n int64) engine.Limits { l.Up = n; return l }),
		{Key: "x", Label: "No limits", Do: func() tea.Cmd {
			return li.setLimits(engine.Limits{Label: label, Machine: machine})
		}},
	}
}

func (li *limitMenus) openEntry(title string, now int64, withLimit func(int64) engine.Limits) {
	e := dialog.Entry{
		Title: title, Value: format.ExactBytes(now), Selected: true,
		Hint: "Bytes per second, also with K, M or G: 500K, 1.5M, 2 MB/s. 0 or none for no limit.",
	}
	if now == 0 {
		e.Value = "none"
	}
	e.Submit = func(f *dialog.Form) (tea.Cmd, bool) {
		text := f.Text()
		if text == "" || text == "none" {
			text = "0"
		}
		n, err := format.ParseBytes(text)
		if err != nil {
			return f.ShowError(err)
		}
		return li.setLimits(withLimit(n)), false
	}
	li.screen.windows.shown = dialog.NewEntry(li.screen.theme, e)
}

func (li *limitMenus) setLimits(l engine.Limits) tea.Cmd {
	return li.jobs.runChange(undo.Change{Limits: &undo.Limits{From: li.conn.limitsOf(l.Label, l.Machine), To: l}}, nil)
}

func limitText(n int64) string {
	if n == 0 {
		return "none"
	}
	return format.Speed(n)
}
