package scroll

import "wtptui/ui/keys"

// Window is the part of a text that is shown. Its zero value shows the beginning.
type Window struct {
	offset, lines, page int
}

// Handle scrolls, and reports whether the action is a movement.
func (w *Window) Handle(a keys.Action) bool {
	switch a {
	case keys.Up:
		w.offset--
	case keys.Down:
		w.offset++
	case keys.Top:
		w.offset = 0
	case keys.Bottom:
		w.offset = w.lines
	case keys.HalfUp:
		w.offset -= max(w.page/2, 1)
	case keys.HalfDown:
		w.offset += max(w.page/2, 1)
	case keys.PageUp:
		w.offset -= max(w.page, 1)
	case keys.PageDown:
		w.offset += max(w.page, 1)
	default:
		return false
	}
	w.clamp()
	return true
}

// View returns the lines that are shown when there is room for page of them.
func (w *Window) View(lines []string, page int) []string {
	w.lines, w.page = len(lines), max(page, 0)
	w.clamp()
	return lines[w.offset:min(w.offset+w.page, w.lines)]
}

// IsVisible reports whether the line was visible when the text was last drawn.
func (w *Window) IsVisible(line int) bool { return line >= w.offset && line < w.offset+w.page }

// Reveal scrolls so that the line is visible, in the middle if it was not visible before.
func (w *Window) Reveal(line int) {
	if !w.IsVisible(line) {
		w.offset = line - w.page/2
		w.clamp()
	}
}

// Line returns the line of the text at y of the window.
func (w *Window) Line(y int) int { return w.offset + y }

// More returns a hint that there is text above or below; empty when all is shown.
func (w *Window) More() string {
	switch above, below := w.offset > 0, w.offset+w.page < w.lines; {
	case above && below:
		return "↑↓ more"
	case above:
		return "↑ more"
	case below:
		return "↓ more"
	}
	return ""
}

// ToTop scrolls to the beginning.
func (w *Window) ToTop() { w.offset = 0 }

func (w *Window) clamp() { w.offset = max(min(w.offset, w.lines-w.page), 0) }
