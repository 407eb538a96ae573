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
		lines[i] = fitLine(l, w)
	}
	return strings.Join(lines, "\n")
}

// Paragraph returns a text in indented lines of at most w cells, all in one style.
func Paragraph(text string, w int, st theme.Style) []string {
	lines := format.Wrap(text, max(w-4, 10))
	for i, l := range lines {
		lines[i] = "  " + st.Render(l)
	}
	return lines
}

// Clamp cuts a frame to at most h lines of at most w cells.
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

// Frame draws a border with a title around text, which is made exactly w by h cells; the result is larger by four and
// two.
func Frame(text, title string, w, h int, th *theme.Theme) string {
	return frame(Block(text, w, h), title, "", "", w, th)
}

// FrameWithMore is Frame around a part of a longer text. The border shows in which directions there is more of it.
func FrameWithMore(text, title string, w, h int, above, below bool, th *theme.Theme) string {
	signs := [2]string{}
	if above {
		signs[0] = "↑ more"
	}
	if below {
		signs[1] = "↓ more"
	}
	return frame(Block(text, w, h), title, signs[0], signs[1], w, th)
}

// frame draws the border; above and below are drawn into it on the right.
func frame(block, title, above, below string, w int, th *theme.Theme) string {
	title = format.Cut(title, w-2)
	edge := func(corner, sign string, used int, end string) string {
		if sign != "" && used+format.Width(sign)+3 <= w {
			sign, end = " "+th.Dim.Render(sign)+" ", th.Border.Render("─"+end)
			return th.Border.Render(corner+strings.Repeat("─", max(w+1-used-format.Width(sign), 0))) + sign + end
		}
		return th.Border.Render(corner + strings.Repeat("─", max(w+2-used, 0)) + end)
	}
	var b strings.Builder
	b.WriteString(th.Border.Render("╭─ ") + th.Strong.Render(title) + edge(" ", above, 3+format.Width(title), "╮") + "\n")
	side := th.Border.Render("│")
	for l := range strings.SplitSeq(block, "\n") {
		b.WriteString(side + " " + l + " " + side + "\n")
	}
	b.WriteString(edge("╰", below, 0, "╯"))
	return b.String()
}

// FrameX and FrameY are the offset of the text within a Frame.
const (
	FrameX = 2
	FrameY = 1
)

// CenterRect returns the place of a window in the middle of w by h cells.
func CenterRect(window string, w, h int) Rect {
	r := Rect{}
	for l := range strings.SplitSeq(window, "\n") {
		r.W = max(r.W, format.Width(l))
		r.H++
	}
	r.X, r.Y = max((w-r.W)/2, 0), max((h-r.H)/2, 0)
	return r
}

// minBesideWindow is how many cells of a line must be visible beside a window for the line to be drawn: less would be
// scraps of words.
const minBesideWindow = 8

// Overlay draws a window over the middle of a frame of w by h cells.
func Overlay(frame, window string, w, h int) string {
	base := strings.Split(Block(frame, w, h), "\n")
	at := CenterRect(window, w, h)
	for i, l := range strings.Split(window, "\n") {
		if at.Y+i >= len(base) {
			break
		}
		row := base[at.Y+i]
		left, right := format.Blank(at.X), format.Blank(w-at.X-at.W)
		if at.X >= minBesideWindow {
			left, right = fitLine(ansi.Cut(row, 0, at.X), at.X), ansi.Cut(row, at.X+at.W, w)
		}
		base[at.Y+i] = left + "\x1b[m" + fitLine(l, at.W) + "\x1b[m" + right
	}
	return Clamp(strings.Join(base, "\n"), w, h)
}

func fitLine(l string, w int) string {
	n := format.Width(l)
	if n > w {
		l = ansi.Truncate(l, w, "")
		n = format.Width(l)
	}
	return l + format.Blank(w-n)
}
