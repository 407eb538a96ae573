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

// Place puts a window into the middle of a frame of w by h cells.
func Place(frame, window string, w, h int) string {
	base := strings.Split(Block(frame, w, h), "\n")
	win := strings.Split(window, "\n")
	width := 0
	for _, l := range win {
		width = max(width, format.Width(l))
	}
	x, y := max((w-width)/2, 0), max((h-len(win))/2, 0)
	for i, l := range win {
		if y+i >= len(base) {
			break
		}
		row := base[y+i]
		left := pad(ansi.Cut(row, 0, x), x)
		right := ansi.Cut(row, x+width, w)
		base[y+i] = left + "\x1b[m" + pad(l, width) + "\x1b[m" + right
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
