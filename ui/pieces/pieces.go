package pieces

import (
	"fmt"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/scroll"
	"wtptui/ui/theme"
)

// Pane is the grid of pieces.
type Pane struct {
	theme  *theme.Theme
	ref    string
	pieces engine.Pieces
	window scroll.Window
}

// New returns a grid without pieces.
func New(th *theme.Theme) *Pane { return &Pane{theme: th} }

// Name returns the name of the tab.
func (*Pane) Name() string { return "Pieces" }

// Count returns 0: their number alone is not useful in a tab.
func (*Pane) Count() int { return 0 }

// Focus has no effect: nothing can be selected.
func (*Pane) Focus(bool) {}

// Set sets the pieces of a site.
func (p *Pane) Set(d engine.Detail, _ time.Time) {
	if d.Site.Ref() != p.ref {
		p.ref = d.Site.Ref()
		p.window.ToTop()
	}
	p.pieces = d.Pieces
}

// Handle scrolls, when not all rows of the grid are visible.
func (p *Pane) Handle(a keys.Action) bool { return p.window.Handle(a) }

// More returns a hint that there are rows of the grid above or below those that were last drawn.
func (p *Pane) More() string { return p.window.More() }

// margin is the blank width on both sides, in cells.
const margin = 2

// View draws the legend with its numbers, the grid, and below it how many copies of the pieces there are.
func (p *Pane) View(w, h int) string {
	if p.pieces.Count <= 0 || len(p.pieces.Runs) == 0 {
		return "  " + p.theme.Dim.Render(format.Cut("The pieces are not known yet.", w-margin))
	}
	cols := max(w-2*margin, 1)
	tally, copies := countKinds(p.pieces.Runs), p.copiesLines(cols)
	rows := max(h-3-len(copies), 1)
	n := min(p.pieces.Count, cols*rows)
	out := []string{p.legend(tally, n, w), ""}
	for _, l := range p.window.View(p.grid(spreadCells(p.pieces, n), cols, rows), rows) {
		out = append(out, format.Blank(margin)+l)
	}
	if len(copies) > 0 {
		out = append(out, "")
		out = append(out, copies...)
	}
	for i, l := range out {
		out[i] = format.Cut(l, w)
	}
	return strings.Join(out, "\n")
}

// signs are the signs of the kinds of cells; without colour they differ by how dark they are.
var signs = [kinds]string{complete: "█", partial: "▄", loading: "▒", checking: "×", missing: "·"}

func (p *Pane) style(k kind) theme.Style {
	switch k {
	case complete, partial:
		return p.theme.Good
	case loading:
		return p.theme.Progress
	case checking:
		return p.theme.Pinned
	}
	return p.theme.Dim
}

// legend returns what the signs mean, how many pieces there are of each kind, and what one sign stands for.
func (p *Pane) legend(t [kinds]int, cells, w int) string {
	words := [kinds]string{complete: "here", loading: "loading", checking: "checking", missing: "missing"}
	var parts []string
	for _, k := range []kind{complete, loading, checking, missing} {
		if t[k] > 0 || k == complete || k == missing {
			parts = append(parts, p.style(k).Render(signs[k])+" "+words[k]+" "+format.Count(t[k]))
		}
	}
	each := "each is a piece of " + format.Bytes(p.pieces.Length)
	if cells < p.pieces.Count {
		parts = append(parts, p.style(partial).Render(signs[partial])+" in part")
		each = fmt.Sprintf("each is about %s of %s", format.Plural((p.pieces.Count+cells/2)/cells, "piece"),
			format.Bytes(p.pieces.Length))
	}
	line := "  " + strings.Join(parts, "   ")
	if format.Width(line)+format.Width(each)+4 <= w {
		line += p.theme.Dim.Render("   " + each)
	}
	return line
}

// grid draws the cells in rows; neighbours of one kind share a style. Few cells are drawn larger and with gaps.
func (p *Pane) grid(cells []kind, cols, rows int) []string {
	size := 1
	if len(cells) <= cols/4*(rows/2) {
		size = 4
		cols /= size
	}
	var out []string
	for len(cells) > 0 {
		row := cells[:min(cols, len(cells))]
		cells = cells[len(row):]
		if size == 1 {
			out = append(out, p.drawRow(row))
			continue
		}
		var b strings.Builder
		for _, k := range row {
			b.WriteString(p.style(k).Render(strings.Repeat(signs[k], size-1)) + " ")
		}
		out = append(out, b.String(), "")
	}
	return out
}

func (p *Pane) drawRow(row []kind) string {
	var b strings.Builder
	for i := 0; i < len(row); {
		j := i
		for j < len(row) && row[j] == row[i] {
			j++
		}
		b.WriteString(p.style(row[i]).Render(strings.Repeat(signs[row[i]], j-i)))
		i = j
	}
	return b.String()
}

// copiesLines returns a line along all pieces with how many peers have the rarest piece of each stretch, and its
// explanation; none while it is not known.
func (p *Pane) copiesLines(cols int) []string {
	least := rarest(p.pieces, min(p.pieces.Count, cols))
	if least == nil {
		return nil
	}
	var b strings.Builder
	low, at := least[0], 0
	for _, n := range least {
		low = min(low, n)
		b.WriteString(copiesDigit(n))
	}
	for _, r := range p.pieces.Copies {
		if r.Copies == low {
			at += r.Count
		}
	}
	text := fmt.Sprintf("Peers that have each piece (+: ten or more). The rarest %s: %d", pieceNoun(at), low)
	st := p.theme.Dim
	if low == 0 {
		text = "Peers that have each piece (+: ten or more). Nobody here has " + format.Count(at) + " of them"
		st = p.theme.Warn
	}
	out := []string{"  " + p.theme.Accent.Render(b.String())}
	return append(out, layout.Paragraph(text, cols+2*margin, st)...)
}

func pieceNoun(n int) string {
	if n == 1 {
		return "piece"
	}
	return format.Count(n) + " pieces"
}

func copiesDigit(n int) string {
	if n > 9 {
		return "+"
	}
	return string(rune('0' + max(n, 0)))
}
