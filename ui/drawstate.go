package ui

import (
	"wtptui/engine"
	"wtptui/ui/keys"
)

// drawState is whether the screen may change: a person can freeze it, and nothing is drawn while the terminal has no
// focus.
type drawState struct {
	screen *screen
	// frozen reports whether the person has frozen the screen; pending is the newest snapshot since then. blurred reports
	// whether the terminal has no focus; lastFrame is the frame that is shown meanwhile.
	frozen, blurred, drawUnfocused bool
	pending                        *engine.Snapshot
	lastFrame                      string
}

// showNote shows in the header that the screen does not change, and why.
func (d *drawState) showNote() {
	switch {
	case d.frozen:
		d.screen.header.SetNote("frozen: " + d.screen.keys.FirstKey(keys.Freeze))
	case d.paused():
		d.screen.header.SetNote("no focus, paused")
	default:
		d.screen.header.SetNote("")
	}
}

// focusLost stops drawing after one more frame, which shows that; focusGained resumes it.
func (d *drawState) focusLost() {
	d.blurred = true
	d.lastFrame = ""
	d.showNote()
}

func (d *drawState) focusGained() {
	if !d.blurred {
		return
	}
	d.blurred = false
	d.lastFrame = ""
	d.showNote()
}

// paused reports whether nothing is drawn because the terminal has no focus.
func (d *drawState) paused() bool { return d.blurred && !d.drawUnfocused }
