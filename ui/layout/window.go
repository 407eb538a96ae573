package layout

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// Block makes text exactly w by h cells: lines too long are cut, missing ones are added.
func Block(text string, w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	lines := strings.Split(text, "\n")
	for len(lines) < h {
		lines = append(lines, "")
	}
	lines = lines[:h]
	for i, l := range lines {
		lines[i] = pad(l, w)
	}
	return strings.Join(lines, "\n")
}

// Clamp makes sure that no line is wider than w and that there are no more than h of them.
func Clamp(frame string, w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	lines := strings.Split(frame, "\n")
	if len(lines) > h {
		lines = lines[:h]
	}
	for i, l := range lines {
		if format.Width(l) > w {
			lines[i] = ansi.Truncate(l, w, "")
		}
	}
	return strings.Join(lines, "\n")
}

// Frame draws a border with a title around text, which is made exactly w by h cells; the result is larger by four
// and two.
func Frame(text, title string, w, h int, th *theme.Theme) string {
	title = format.Cut(title, w-2)
	var b strings.Builder
	b.WriteString(th.Border.Render("╭─ ") + th.Strong.Render(title) + th.Border.Render(" "+strings.Repeat("─", max(w-1-format.Width(title), 0))+"╮") + "\n")
	side := th.Border.Render("│")
	for l := range strings.SplitSeq(Block(text, w, h), "\n") {
		b.WriteString(side + " " + l + " " + side + "\n")
	}
	b.WriteString(th.Border.Render("╰" + strings.Repeat("─", w+2) + "╯"))
	return b.String()
}

// FrameX and FrameY are where the text within a Frame begins.
const (
	FrameX = 2
	FrameY = 1
)

// Middle is where a window stands in the middle of w by h cells.
func Middle(window string, w, h int) Rect {
	r := Rect{}
	for l := range strings.SplitSeq(window, "\n") {
		r.W = max(r.W, format.Width(l))
		r.H++
	}
	r.X, r.Y = max((w-r.W)/2, 0), max((h-r.H)/2, 0)
	return r
}

// Place puts a window into the middle of a frame of w by h cells.
func Place(frame, window string, w, h int) string {
	base := strings.Split(Block(frame, w, h), "\n")
	at := Middle(window, w, h)
	for i, l := range strings.Split(window, "\n") {
		if at.Y+i >= len(base) {
			break
		}
		row := base[at.Y+i]
		left := pad(ansi.Cut(row, 0, at.X), at.X)
		right := ansi.Cut(row, at.X+at.W, w)
		base[at.Y+i] = left + "\x1b[m" + pad(l, at.W) + "\x1b[m" + right
	}
	return Clamp(strings.Join(base, "\n"), w, h)
}

func pad(l string, w int) string {
	n := format.Width(l)
	if n > w {
		l = ansi.Truncate(l, w, "")
		n = format.Width(l)
	}
	return l + format.Blank(w-n)
}
