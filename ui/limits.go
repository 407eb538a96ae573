package ui

import (
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

// menu shows the limits and lets them be changed.
func (li *limits) menu() {
	l := li.conn.snap.Status.Limits
	item := func(key, name string, now int64, with func(int64) engine.Limits) menu.Item {
		return menu.Item{Key: key, Label: name, Hint: limitText(now), Do: li.screen.closing(func() tea.Cmd {
			li.ask(name, now, with)
			return nil
		})}
	}
	li.screen.window = menu.New(li.screen.theme, "Limits over all sites", []menu.Item{
		item("d", "Download", l.Down, func(n int64) engine.Limits { return engine.Limits{Down: n, Up: l.Up} }),
		item("u", "Upload", l.Up, func(n int64) engine.Limits { return engine.Limits{Down: l.Down, Up: n} }),
		{Key: "x", Label: "No limits", Do: li.screen.closing(func() tea.Cmd { return li.set(engine.Limits{}) })},
	}, 0)
}

func (li *limits) ask(name string, now int64, with func(int64) engine.Limits) {
	q := entry.Question{
		Title: name + " limit", Value: format.TypedBytes(now),
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
