package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
)

// titleBar is what the terminal shows of the program outside of the screen: the window's title and a progress bar, if
// it supports them.
type titleBar struct {
	cfg      *Config
	conn     *connection
	text     string
	progress *tea.ProgressBar
}

// titledTerms are the prefixes of TERM for terminals that have a title and accept OSC 2 for it.
var titledTerms = []string{
	"xterm", "tmux", "screen", "rxvt", "alacritty", "foot", "kitty", "wezterm", "ghostty", "st-", "vte", "contour",
	"konsole", "mintty", "iterm",
}

// supportsTitle reports whether the terminal is known to support a title; others would show it as text.
func (c Config) supportsTitle() bool {
	t := c.getenv("TERM")
	return slices.ContainsFunc(titledTerms, func(name string) bool { return strings.HasPrefix(t, name) })
}

// supportsClipboard reports whether the terminal may support OSC 52. The Linux console and old terminals do not, and
// GNU screen does not pass it on.
func (c Config) supportsClipboard() bool {
	t := c.getenv("TERM")
	if strings.HasPrefix(t, "screen") {
		return c.getenv("TMUX") != ""
	}
	return c.supportsTitle()
}

// supportsProgress reports whether the terminal is known to show progress (OSC 9;4): others take it for a notification.
func (c Config) supportsProgress() bool {
	return c.getenv("TMUX") == "" && (c.getenv("WT_SESSION") != "" || c.getenv("ConEmuANSI") == "ON" ||
		slices.Contains([]string{"ghostty", "WezTerm"}, c.getenv("TERM_PROGRAM")))
}

// windowTitle returns the window's title: the machine first, since tabs cut it at its end.
func (c Config) windowTitle() string {
	if c.Fleet != nil {
		return format.Plural(len(c.Fleet), "machine") + " · wtptui"
	}
	if c.Machine == "" {
		return "wtptui"
	}
	return c.Machine + " · wtptui"
}

// loadingPercent returns how much of all that is being downloaded is here, in percent, and whether anything is.
func (t *titleBar) loadingPercent() (percent int, moving bool) {
	var have, all int64
	for i := range t.conn.snap.Sites {
		s := &t.conn.snap.Sites[i]
		if s.State == engine.Downloading && s.Size > 0 && s.DownRate > 0 {
			have += s.Completed
			all += s.Size
		}
	}
	if all == 0 {
		return 0, false
	}
	return int(have * 100 / all), true
}

// updateTitle sets the window's title and progress if the terminal supports them. It is called for each snapshot, not
// for each frame.
func (t *titleBar) updateTitle() {
	percent, moving := t.loadingPercent()
	t.text, t.progress = "", nil
	if t.cfg.supportsTitle() {
		t.text = t.cfg.windowTitle()
		if moving {
			t.text += fmt.Sprintf(" %d%%", percent)
		}
	}
	if moving && t.cfg.supportsProgress() {
		t.progress = tea.NewProgressBar(tea.ProgressBarDefault, percent)
	}
}
