package ui

import tea "charm.land/bubbletea/v2"

// display is how the screen is drawn: how it looks, whether it may change, and what the terminal shows around it.
type display struct {
	appearance *appearance
	drawState  *drawState
	frame      *frame
	title      *titleBar
}

func newDisplay(cfg *Config, conn *connection, sc *screen) *display {
	d := &display{drawState: &drawState{screen: sc}, title: &titleBar{cfg: cfg, conn: conn}}
	d.appearance = &appearance{
		screen: sc, mouse: !cfg.NoMouse, ascii: cfg.ASCII, profile: cfg.Color, light: cfg.hasLightBackground(),
	}
	d.frame = &frame{cfg: cfg, conn: conn, screen: sc, appearance: d.appearance}
	return d
}

// view returns a view without its content.
func (d *display) view() (v tea.View) {
	v.AltScreen, v.ReportFocus = true, true
	v.WindowTitle, v.ProgressBar = d.title.text, d.title.progress
	if d.appearance.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// content returns the frame, or the last one while drawing is stopped.
func (d *display) content() string {
	if !d.drawState.paused() {
		return d.frame.draw()
	}
	if d.drawState.lastFrame == "" {
		d.drawState.lastFrame = d.frame.draw()
	}
	return d.drawState.lastFrame
}
