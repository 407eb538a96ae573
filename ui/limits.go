package ui

import (
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/entry"
	"wtptui/ui/format"
	"wtptui/ui/menu"
	"wtptui/ui/undo"
)

// limits are the windows in which the transfer limits are changed.
type limits struct {
	conn   *connection
	screen *screen
	jobs   *jobRunner
}

// menu shows the limits over all sites and of each label, and lets them be changed.
func (li *limits) menu() {
	var labels []string
	li.screen.window = menu.NewLive(li.screen.theme, "Rate limits", func() []menu.Item {
		for _, label := range li.labels() {
			if !slices.Contains(labels, label) { // Those that are on the screen keep their keys.
				labels = append(labels, label)
			}
		}
		items := li.items("")
		for i, label := range labels {
			items = append(items, li.label(i, label))
		}
		return append(items, li.schedule()...)
	})
}

// schedule is the line of the schedule that holds, or of the one that comes next: both are in config.toml.
func (li *limits) schedule() []menu.Item {
	s, now := li.conn.snap.Status.Schedule, li.screen.now
	until := format.Until(s.Until.Std(), now)
	done := li.screen.closing(func() tea.Cmd { return nil })
	switch {
	case s.Name == "" && s.Next == "":
		return nil
	case s.Name == "":
		return []menu.Item{{Label: "Schedule " + format.Text(s.Next), Hint: "from " + until, Do: done}}
	}
	hint := "usually " + format.Limits(s.Usual.Down, s.Usual.Up)
	if s.Paused {
		hint = "all sites are paused"
	}
	if until != "" {
		hint = "until " + until + ", " + hint
	}
	return []menu.Item{{Label: "Schedule " + format.Text(s.Name), Hint: hint, Do: done}}
}

// label is the line of a label, which opens its limits.
func (li *limits) label(i int, label string) menu.Item {
	l := li.conn.limitsOf(label)
	it := menu.Item{Label: "Label " + label, Hint: format.Limits(l.Down, l.Up), Do: li.screen.closing(func() tea.Cmd {
		li.screen.window = menu.NewLive(li.screen.theme, "Limits of the label "+label, func() []menu.Item {
			return li.items(label)
		})
		return nil
	})}
	if i < 9 {
		it.Key = strconv.Itoa(i + 1)
	}
	return it
}

// labels are all that a site or a limit has, sorted.
func (li *limits) labels() (labels []string) {
	for _, s := range li.conn.snap.Sites {
		labels = append(labels, s.Labels...)
	}
	for _, l := range li.conn.snap.Status.LabelLimits {
		labels = append(labels, l.Label)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// items are the lines that change the limits of a label, or with an empty one those over all sites.
func (li *limits) items(label string) []menu.Item {
	l := li.conn.limitsOf(label)
	of := ""
	if label != "" {
		of = " of the label " + label
	}
	item := func(key, name string, now int64, with func(int64) engine.Limits) menu.Item {
		return menu.Item{Key: key, Label: name, Hint: limitText(now), Do: li.screen.closing(func() tea.Cmd {
			li.ask(name+" limit"+of, now, with)
			return nil
		})}
	}
	return []menu.Item{
		item("d", "Download", l.Down, func(n int64) engine.Limits { l.Down = n; return l }),
		item("u", "Upload", l.Up, func(n int64) engine.Limits { l.Up = n; return l }),
		{Key: "x", Label: "No limits", Do: li.screen.closing(func() tea.Cmd { return li.set(engine.Limits{Label: label}) })},
	}
}

func (li *limits) ask(title string, now int64, with func(int64) engine.Limits) {
	q := entry.Question{
		Title: title, Value: format.TypedBytes(now),
		Hint: "Per second, in bytes, K, M or G: 500K, 1.5M, 2 MB/s. 0 or none for no limit.",
	}
	if now == 0 {
		q.Value = "none"
	}
	q.Take = func(text string) (tea.Cmd, error) {
		if text == "" || text == "none" {
			text = "0"
		}
		n, err := format.ParseBytes(text)
		if err != nil {
			return nil, err
		}
		return li.set(with(n)), nil
	}
	li.screen.window = entry.New(li.screen.theme, q)
}

func (li *limits) set(l engine.Limits) tea.Cmd {
	return li.jobs.change(undo.Change{Limits: &undo.Limits{From: li.conn.limitsOf(l.Label), To: l}}, nil)
}

func limitText(n int64) string {
	if n == 0 {
		return "none"
	}
	return format.Speed(n)
}
