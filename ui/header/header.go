package header

import (
	"fmt"
	"strings"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/history"
	"wtptui/ui/theme"
)

// Phase is how far the engine is.
type Phase int

// The phases of an engine.
const (
	Starting Phase = iota
	Running
	Lost    // it was there and is gone
	Broken  // it could not start
	Waiting // it has started, and its first snapshot is awaited
)

// Pane is the header.
type Pane struct {
	Theme *theme.Theme
	phase Phase
	st    engine.Status
	rates history.Series
	note  string
}

// SetPhase tells how far the engine is.
func (p *Pane) SetPhase(ph Phase) { p.phase = ph }

// Note shows something about the screen itself, in place of the state of the engine: that it stands still. Empty for
// nothing.
func (p *Pane) Note(text string) { p.note = text }

// Set takes the newest status and the history of its rates.
func (p *Pane) Set(st engine.Status, rates history.Series) { p.st, p.rates = st, rates }

// HasWarning reports whether there is a line of warnings to be shown.
func (p *Pane) HasWarning() bool { return len(p.st.Warnings) > 0 }

// part is a piece of the header; pieces of lower rank go first when there is no room.
type part struct {
	text string
	rank int
}

// View draws the line, h being 1.
func (p *Pane) View(w, _ int) string {
	parts := []part{{p.Theme.Strong.Render("wtptui") + " " + p.phaseText(), 9}}
	if p.phase == Running || p.phase == Lost {
		parts = append(parts, p.parts()...)
	}
	for total(parts) > w {
		parts = drop(parts)
	}
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(part.text)
	}
	return format.Cut(" "+b.String(), w)
}

func (p *Pane) parts() []part {
	th := p.Theme
	rate := func(arrow string, n int64, series []int64) (string, string) {
		return "  " + th.Dim.Render(arrow) + " " + format.FitRight(format.Speed(n), 9), " " + th.Accent.Render(format.Spark(series, 4))
	}
	down, downSpark := rate("▼", p.st.DownRate, p.rates.Down)
	up, upSpark := rate("▲", p.st.UpRate, p.rates.Up)
	peers := "  " + th.Dim.Render("peers") + " " + format.Count(p.st.Peers)
	web := th.Dim.Render(fmt.Sprintf(" (%d web)", p.st.WebPeers))
	if p.st.WebTrackers == 0 {
		web = th.Warn.Render(" (no web)") // no WebTorrent tracker answers, so browsers cannot find us
	}
	cache := "  " + th.Dim.Render("cache") + " " + format.Gigabytes(p.st.CacheUsed, p.st.CacheLimit)
	full := 0.0
	if p.st.CacheLimit > 0 {
		full = float64(p.st.CacheUsed) / float64(p.st.CacheLimit)
	}
	gauge := th.Good
	if full > 0.9 {
		gauge = th.Warn
	}
	limits := ""
	if l := p.st.Limits; l != (engine.Limits{}) {
		limits = "  " + th.Warn.Render("limit") + p.limit(" ▼", l.Down) + p.limit(" ▲", l.Up)
	}
	return []part{
		{down, 8},
		{downSpark, 2},
		{up, 8},
		{upSpark, 2},
		{limits, 3},
		{peers, 7},
		{web, 3},
		{"  " + p.dht(), 4},
		{"  " + p.port(), 5},
		{cache, 6},
		{" " + gauge.Render(format.Gauge(full, 5)), 1},
	}
}

func (p *Pane) limit(arrow string, n int64) string {
	if n == 0 {
		return ""
	}
	return p.Theme.Dim.Render(arrow) + " " + format.Speed(n)
}

func (p *Pane) phaseText() string {
	th := p.Theme
	switch p.phase {
	case Starting, Waiting:
		return th.Move.Render("◌ starting…")
	case Lost:
		return th.Bad.Render("✗ engine stopped")
	case Broken:
		return th.Bad.Render("✗ not started")
	case Running:
	}
	if p.note != "" {
		return th.Warn.Bold().Render("‖ " + p.note)
	}
	if p.st.Online {
		return th.Good.Render("● online ")
	}
	return th.Warn.Render("○ offline")
}

func (p *Pane) dht() string {
	if p.st.DHTNodes < 0 {
		return p.Theme.Dim.Render("DHT off")
	}
	return p.Theme.Dim.Render("DHT") + " " + format.Count(p.st.DHTNodes)
}

func (p *Pane) port() string {
	switch {
	case p.st.PeerPort == 0:
		return p.Theme.Dim.Render("no port")
	case p.st.PortOpen:
		return fmt.Sprintf(":%d ", p.st.PeerPort) + p.Theme.Good.Render("open")
	}
	// Nobody has come in yet: that may be chance.
	return fmt.Sprintf(":%d ", p.st.PeerPort) + p.Theme.Dim.Render("open?")
}

// Warning draws the line of warnings: the first one, and how many more there are.
func (p *Pane) Warning(w int) string {
	if !p.HasWarning() || w <= 0 {
		return ""
	}
	more := ""
	if n := len(p.st.Warnings) - 1; n > 0 {
		more = fmt.Sprintf("  (+%d more)", n)
	}
	text := format.Cut(format.Text(p.st.Warnings[0]), w-3-len(more))
	return format.Cut(" "+p.Theme.Warn.Render("⚠ "+text)+p.Theme.Dim.Render(more), w)
}

func total(parts []part) int {
	n := 1
	for _, p := range parts {
		n += format.Width(p.text)
	}
	return n
}

// drop leaves out all parts of the lowest rank.
func drop(parts []part) []part {
	low := parts[0].rank
	for _, p := range parts {
		low = min(low, p.rank)
	}
	out := parts[:0:0]
	for _, p := range parts {
		if p.rank > low {
			out = append(out, p)
		}
	}
	return out
}
