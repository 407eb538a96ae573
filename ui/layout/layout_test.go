package layout

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/theme"
)

// The panes cover the screen from top to bottom without a gap, at every size and with everything that may be shown.
func TestScreenIsCovered(t *testing.T) {
	for w := MinWidth; w <= 200; w += 7 {
		for h := MinHeight; h <= 60; h++ {
			for _, want := range []Options{
				{},
				{Warning: true},
				{Inspector: true},
				{Warning: true, Inspector: true},
				{Homes: true},
				{Homes: true, Warning: true, Inspector: true},
				{Inspector: true, InspectorHeight: 1},
				{Inspector: true, InspectorHeight: 99},
			} {
				s := Compute(w, h, want)
				y := 0
				for _, r := range []Rect{s.Header, s.Homes, s.Warning, s.Tabs, s.Table, s.Inspector, s.Toast, s.Footer} {
					if r.H == 0 {
						continue
					}
					if r.Y != y || r.X != 0 || r.W != w || r.H < 0 {
						t.Fatalf("%dx%d %+v: %+v", w, h, want, s)
					}
					y += r.H
				}
				if y != h {
					t.Fatalf("%dx%d %+v: %d lines", w, h, want, y)
				}
				if want.Inspector && (s.Inspector.H < MinInspector || !s.InspectorFull && s.Table.H < minTable ||
					s.InspectorFull != (s.Table.H == 0)) {
					t.Fatalf("%dx%d: the inspector is %+v", w, h, s.Inspector)
				}
				if b := s.Body(); b.Y+b.H != s.Toast.Y {
					t.Fatalf("%dx%d: the body is %+v", w, h, b)
				}
			}
		}
	}
}

func TestOverlayKeepsTheFrameAround(t *testing.T) {
	th := theme.Dark()
	frame := Block(strings.Repeat(th.Bad.Render(strings.Repeat("漫画", 8))+"\n", 12), 32, 12)
	got := Overlay(frame, Frame("hello", "T", 7, 1, &th), 32, 12)
	lines := strings.Split(got, "\n")
	if len(lines) != 12 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n > 32 {
			t.Errorf("line %d has %d cells", i, n)
		}
	}
	if !strings.Contains(ansi.Strip(lines[5]), "│ hello   │") || !strings.HasPrefix(ansi.Strip(lines[5]), "漫画") {
		t.Errorf("the middle is %q", ansi.Strip(lines[5]))
	}
	if lines[0] != strings.Split(frame, "\n")[0] {
		t.Errorf("the first line has changed: %q", lines[0])
	}
}

// Beside a window that takes nearly all of a line no scraps of it are left.
func TestOverlayLeavesNoScraps(t *testing.T) {
	th := theme.Dark()
	frame := strings.Repeat("0123456789ABCDEFGHIJ\n", 5)
	lines := strings.Split(Overlay(frame, Frame("hello", "T", 7, 1, &th), 20, 5), "\n")
	if got := ansi.Strip(lines[2]); got != "    │ hello   │     " {
		t.Errorf("the middle is %q", got)
	}
	if lines[0] != "0123456789ABCDEFGHIJ" {
		t.Errorf("the first line is %q", lines[0])
	}
}

// A frame around a part says in which directions there is more, and has the same shape with it and without.
func TestFrameSaysThatThereIsMore(t *testing.T) {
	th := theme.Dark()
	for w := 1; w < 40; w++ {
		plain := strings.Split(ansi.Strip(Frame("a\nb", "Columns", w, 2, &th)), "\n")
		lines := strings.Split(ansi.Strip(FrameWithMore("a\nb", "Columns", w, 2, true, true, &th)), "\n")
		for i, l := range lines {
			if ansi.StringWidth(l) != ansi.StringWidth(plain[i]) || ansi.StringWidth(l) != w+4 {
				t.Fatalf("in %d cells %q and %q", w, l, plain[i])
			}
		}
		if w >= 20 && (!strings.HasSuffix(lines[0], "─ ↑ more ─╮") || !strings.HasSuffix(lines[3], "─ ↓ more ─╯")) {
			t.Errorf("in %d cells %q", w, lines)
		}
	}
}

func TestClampAndBlock(t *testing.T) {
	if got := Clamp("abc\nabcdef\n漫画\nx", 3, 3); got != "abc\nabc\n漫" {
		t.Errorf("Clamp gave %q", got)
	}
	if got := Block("ab\n漫画x", 3, 3); got != "ab \n漫 \n   " {
		t.Errorf("Block gave %q", got)
	}
	if Clamp("x", 0, 5) != "" || Block("x", 5, 0) != "" {
		t.Error("something was drawn on no room")
	}
}
