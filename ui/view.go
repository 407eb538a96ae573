package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/footer"
	"wtptui/ui/format"
	"wtptui/ui/header"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// frame draws the screen.
type frame struct {
	cfg        *Config
	conn       *connection
	screen     *screen
	appearance *appearance
}

// draw draws the screen: at most h lines of at most w cells each.
func (f *frame) draw() string {
	if f.screen.w <= 0 || f.screen.h <= 0 {
		return ""
	}
	var out string
	if layout.TooSmall(f.screen.w, f.screen.h) {
		out = f.tooSmallText()
	} else {
		out = f.drawDashboard()
		if f.screen.windows.shown != nil {
			out = f.drawWindow(out)
		}
	}
	out = layout.Clamp(out, f.screen.w, f.screen.h)
	if f.appearance.ascii {
		out = theme.ASCII(out)
	}
	return out
}

// drawWindow draws the window over everything but header, toast line and footer. What is behind it loses its colours,
// so that the window stands out.
func (f *frame) drawWindow(out string) string {
	if _, full := f.screen.windows.shown.(fullWindow); full {
		return out // dashboard has drawn it in its place
	}
	at := f.screen.layout().Body()
	lines := strings.SplitN(out, "\n", at.Y+at.H+1)
	header, behind, below := lines[:at.Y], lines[at.Y:at.Y+at.H], lines[at.Y+at.H]
	for i, l := range behind {
		behind[i] = f.screen.theme.Dim.Render(ansi.Strip(l))
	}
	body := layout.Overlay(strings.Join(behind, "\n"), f.screen.windows.shown.View(at.W, at.H), at.W, at.H)
	return strings.Join(append(header, body, below), "\n")
}

// toastAbove returns the lines of a toast that do not fit into the toast line; none if a window is in their place, or
// if nothing would be left of the body.
func (f *frame) toastAbove() []string {
	if f.screen.windows.shown != nil || !f.toastShown() {
		return nil
	}
	above := f.screen.toast.LinesAbove(f.screen.w)
	if len(above) >= f.screen.layout().Body().H {
		return nil
	}
	return above
}

// toastShown reports whether the toast line shows the toast.
func (f *frame) toastShown() bool {
	s := f.screen.activeSearch()
	return f.conn.phase != header.Lost && (s == nil || !s.Typing())
}

func (f *frame) drawDashboard() string {
	s := f.screen.layout()
	lines := []string{f.screen.header.View(f.screen.w, 1)}
	if s.Homes.H > 0 {
		lines = append(lines, f.screen.header.Homes(f.screen.w))
	}
	if s.Warning.H > 0 {
		lines = append(lines, f.screen.header.Warning(f.screen.w))
	}
	body := s.Body()
	_, full := f.screen.windows.shown.(fullWindow)
	switch {
	case full:
		lines = append(lines, f.screen.windows.shown.View(body.W, body.H))
	case f.conn.phase == header.Broken:
		lines = append(lines, f.brokenText(body.W, body.H))
	case f.conn.phase == header.Starting, f.conn.phase == header.Waiting:
		lines = append(lines, f.startingText(body.W, body.H))
	case f.screen.page != nil:
		lines = append(lines, f.screen.page.View(body.W, body.H))
	default:
		lines = append(lines, f.screen.list.Tabs(f.screen.w, f.screen.filter.view()))
		if s.Table.H > 0 {
			lines = append(lines, f.screen.list.View(s.Table.W, s.Table.H))
		}
		if s.Inspector.H > 0 {
			lines = append(lines, f.screen.inspector.View(s.Inspector.W, s.Inspector.H))
		}
	}
	out := strings.Join(append(lines, f.toastLine(), f.footer()), "\n")
	if above := f.toastAbove(); len(above) > 0 {
		lines = strings.Split(out, "\n")
		copy(lines[len(lines)-len(above)-2:], above)
		out = strings.Join(lines, "\n")
	}
	return out
}

func (f *frame) toastLine() string {
	if f.conn.phase == header.Lost {
		return format.Cut(" "+f.screen.theme.Bad.Render("✗ The engine has stopped. This is how it was last; q quits, then "+
			"start wtptui again."), f.screen.w)
	}
	if s := f.screen.activeSearch(); s != nil && s.Typing() {
		return s.View(f.screen.w)
	}
	f.screen.toast.SetMarks(f.screen.list.Marks.Count())
	f.screen.toast.SetKeyActive(slices.Contains(keys.Stacks()[f.screen.situation()], keys.Global))
	return f.screen.toast.View(f.screen.w, len(f.toastAbove())+1)
}

// footer shows the keys of the present situation.
func (f *frame) footer() string { return footer.View(f.screen.w, f.screen.theme, f.offeredKeys()) }

// offeredKeys returns the keys that the footer shows: those that have an effect here and now.
func (f *frame) offeredKeys() []keys.Binding {
	skip := func(b keys.Binding) bool {
		switch w, choosy := f.screen.windows.shown.(effectReporter); {
		case b.Scope == keys.SearchText:
			return false
		case choosy && b.Scope != keys.Search:
			return w.HasNoEffect(b.Action)
		case b.Action == keys.Pause, b.Action == keys.Remove:
			// Others are paused and removed rarely: there is no room for that here.
			if s, ok := f.screen.target(); !ok || s.State != engine.Found {
				return true
			}
		}
		return f.screen.unavailableReason(b) != ""
	}
	if f.conn.phase == header.Broken && f.screen.windows.shown == nil {
		return footer.FittingKeys(f.screen.w, f.screen.theme, f.screen.keys,
			func(b keys.Binding) bool { return b.Action != keys.Leave }, keys.Global)
	}
	return footer.FittingKeys(f.screen.w, f.screen.theme, f.screen.keys, skip, keys.Stacks()[f.screen.situation()]...)
}

func (f *frame) startingText(w, h int) string {
	lines := []string{f.screen.theme.Progress.Render("◌") + " Starting the engine…"}
	if f.cfg.DataDir != "" {
		lines = append(lines, f.screen.theme.Dim.Render(format.CutLeft(f.cfg.DataDir, w-4)))
	}
	return centered(lines, w, h)
}

// brokenText returns why there is no engine.
func (f *frame) brokenText(w, h int) string {
	lines := []string{f.screen.theme.Bad.Render("✗ The engine could not start"), ""}
	lines = append(lines, format.Wrap(engine.Message(f.conn.err), min(w-4, 76))...)
	lines = append(lines, "", f.screen.theme.Accent.Render(f.screen.keys.FirstKey(keys.Leave))+" quits")
	return centered(lines, w, h)
}

// tooSmallText returns all that is drawn when the dashboard does not fit.
func (f *frame) tooSmallText() string {
	return centered([]string{
		"wtptui needs more room:",
		fmt.Sprintf("%d×%d at least, this is %d×%d.", layout.MinWidth, layout.MinHeight, f.screen.w, f.screen.h),
		f.screen.keys.FirstKey(keys.Leave) + " quits",
	}, f.screen.w, f.screen.h)
}

// centered draws lines in the middle of w by h cells.
func centered(lines []string, w, h int) string {
	var b strings.Builder
	b.WriteString(strings.Repeat("\n", max((h-len(lines))/2, 0)))
	for _, l := range lines {
		b.WriteString(format.Center(l, w) + "\n")
	}
	return layout.Block(b.String(), w, h)
}
