package list

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/theme"
)

// By what the rows are sorted can be read in the heading, with its arrow, at any width and in ASCII, and so can all
// others.
func TestSortedHeadingCanBeReadWhole(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		th := theme.None()
		th.ASCII = ascii
		p := New(&th, nil)
		p.Set([]engine.Site{{Host: "wiki.pub", Labels: []string{"mirror"}}}, "")
		for w := 60; w <= 240; w++ {
			header(p, w)
			for _, sorted := range p.drawn {
				p.rows.order = order{by: sorted.ID}
				got := header(p, w)
				for _, c := range p.drawn {
					heading := th.SpellArrows(strings.TrimSpace(c.Title))
					if c.ID == sorted.ID {
						arrow := "▲"
						if p.rows.order.descending() {
							arrow = "▼"
						}
						heading += arrow
					}
					if !strings.Contains(got, heading) {
						t.Fatalf("at %d, ASCII %v, sorted by %s: %q without %q", w, ascii, sorted.ID, got, heading)
					}
				}
			}
		}
	}
}

func header(p *Pane, w int) string {
	first, _, _ := strings.Cut(ansi.Strip(p.View(w, 5)), "\n")
	return first
}

// What stands last has no blank behind it for an arrow.
func TestLastHeadingIsShortenedForItsArrow(t *testing.T) {
	th := theme.None()
	p := New(&th, nil)
	p.Set([]engine.Site{{Host: "wiki.pub"}}, "")
	p.Columns = columns.Set{{ID: columns.Site, Shown: true}, {ID: columns.Ratio, Shown: true}}
	p.rows.order = order{by: columns.Ratio}
	if got := header(p, 60); !strings.HasSuffix(got, "Rati▼") {
		t.Errorf("%q", got)
	}
}
