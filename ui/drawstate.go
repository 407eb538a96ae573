package ui

import (
	"wtptui/engine"
	"wtptui/ui/keys"
)

// drawState reports whether the screen may change: a person can hold it still, and nothing is drawn while nobody looks.
type drawState struct {
	screen *screen
	// frozen holds the screen still; pending is the newest snapshot that has come since. blurred says that the terminal
	// has no focus; still is the frame that stands meanwhile.
	frozen, blurred, drawUnfocused bool
	pending                        *engine.Snapshot
	lastFrame                      string
}

// showNote says in the header that the screen stands still, and why.
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

// focusLost stops the drawing after one more frame, which says so; focusGained lets it go on.
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

// paused reports whether nothing is drawn because nobody looks.
func (d *drawState) paused() bool { return d.blurred && !d.drawUnfocused }
