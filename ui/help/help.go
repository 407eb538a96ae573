package help

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/scroll"
	"wtptui/ui/theme"
)

// Pane is the help.
type Pane struct {
	Theme  *theme.Theme
	Keys   *keys.Map
	window scroll.Window
}

// left and right are the scopes of one heading each, in the order of the help; where there is room for one column only,
// right comes below left. What is only a window's own needs no help: its keys stand in the footer.
var (
	left  = []keys.Scope{keys.Verbs, keys.Global, keys.Move, keys.Always}
	right = []keys.Scope{keys.Main, keys.Page}
)

const (
	keyWidth    = 16
	columnWidth = 55 // at least
	maxColumn   = 80
)

// Situation names its keys.
func (*Pane) Situation() string { return "help" }

// Act scrolls; anything else closes.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) { return nil, p.Handle(a) }

// Handle scrolls.
func (p *Pane) Handle(a keys.Action) bool { return p.window.Handle(a) }

// View draws the window for a screen of w by h cells, in two columns when there is room.
func (p *Pane) View(w, h int) string {
	inner := min(w-6, 2*maxColumn+2)
	var lines []string
	if inner >= 2*columnWidth+2 {
		lines = p.pair((inner - 2) / 2)
	} else {
		inner = min(inner, maxColumn)
		lines = p.column(slices.Concat(left, right), inner)
	}
	page := max(min(len(lines), h-4), 1)
	title := "Keys"
	if page < len(lines) {
		title = "Keys (" + keys.Name("j") + " and " + keys.Name("k") + " scroll)"
	}
	return layout.Frame(strings.Join(p.window.View(lines, page), "\n"), title, inner, page, p.Theme)
}

// pair lays two columns side by side.
func (p *Pane) pair(w int) []string {
	one, two := p.column(left, w), p.column(right, w)
	n := max(len(one), len(two))
	out := make([]string, n)
	for i := range n {
		l, r := "", ""
		if i < len(one) {
			l = one[i]
		}
		if i < len(two) {
			r = two[i]
		}
		out[i] = format.Fit(l, w) + "  " + r
	}
	return out
}

func (p *Pane) column(scopes []keys.Scope, w int) []string {
	var out []string
	for i, sc := range scopes {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, p.Theme.Strong.Render(heading(sc)))
		for _, b := range p.Keys.All() {
			if b.Scope != sc {
				continue
			}
			for j, l := range format.Wrap(b.Help, w-keyWidth-1) {
				k := ""
				if j == 0 {
					k = p.Theme.Label(b.Label())
				}
				out = append(out, p.Theme.Accent.Render(format.Fit(k, keyWidth))+" "+l)
			}
		}
	}
	return out
}

func heading(sc keys.Scope) string {
	s := string(sc)
	return strings.ToUpper(s[:1]) + s[1:]
}
