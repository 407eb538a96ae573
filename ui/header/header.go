package header

import (
	"fmt"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/history"
	"wtptui/ui/theme"
)

// Phase is the state of the connection to the engine.
type Phase int

// The phases of the connection to an engine.
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
	// Machine is the name of the machine that the engine is on, empty for this one, and MachineColor its colour for
	// theme.ColorStyle.
	Machine, MachineColor string

	phase      Phase
	status     engine.Status
	rates      history.Series
	note       string
	errorCount int    // sites that have an error
	errorsKey  string // shows them; empty for none
	now        time.Time
}

// SetPhase sets the phase.
func (p *Pane) SetPhase(ph Phase) { p.phase = ph }

// SetNote sets a text about the screen itself, which is shown instead of the state of the engine: that drawing is
// stopped. Empty for none.
func (p *Pane) SetNote(text string) { p.note = text }

// Set sets the newest status, the history of its rates, and the current time.
func (p *Pane) Set(status engine.Status, rates history.Series, now time.Time) {
	p.status, p.rates, p.now = status, rates, now
}

// SetErrors sets how many sites have an error, and the key that shows them; empty for none.
func (p *Pane) SetErrors(n int, key string) { p.errorCount, p.errorsKey = n, key }

// HasWarning reports whether there is a warning to be shown.
func (p *Pane) HasWarning() bool { return len(p.status.Warnings) > 0 }

// View draws the line, h being 1. The least important parts are shortened or left out first: see parts.
func (p *Pane) View(w, _ int) string {
	parts := p.parts()
	fitParts(parts, w)
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(part.text())
	}
	return format.Cut(" "+b.String(), w)
}

func (p *Pane) phaseText() string {
	th := p.Theme
	switch p.phase {
	case Starting, Waiting:
		return th.Progress.Render("◌ starting…")
	case Lost:
		return th.Bad.Render("✗ engine stopped")
	case Broken:
		return th.Bad.Render("✗ not started")
	case Running:
	}
	if p.note != "" {
		return th.Warn.Bold().Render("‖ " + p.note)
	}
	if p.status.Online {
		return th.Good.Render(p.phaseSign("● ") + "online")
	}
	return th.Warn.Render(p.phaseSign("○ ") + "offline")
}

// phaseSign returns a sign that is drawn beside a word of the same meaning; empty in ASCII.
func (p *Pane) phaseSign(s string) string {
	if p.Theme.ASCII {
		return ""
	}
	return s
}

// Warning draws the line of warnings: the first one, and how many more there are.
func (p *Pane) Warning(w int) string {
	if !p.HasWarning() || w <= 0 {
		return ""
	}
	more := ""
	if n := len(p.status.Warnings) - 1; n > 0 {
		more = fmt.Sprintf("  (+%d more)", n)
	}
	text := format.Cut(format.Text(p.status.Warnings[0]), w-3-len(more))
	return format.Cut(" "+p.Theme.Warn.Render("⚠ "+text)+p.Theme.Dim.Render(more), w)
}
