package theme

import (
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// luminance is the relative luminance of WCAG 2.
func luminance(c color.RGBA) float64 {
	f := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}

func contrastRatio(a, b color.RGBA) float64 {
	l, m := luminance(a), luminance(b)
	return (max(l, m) + 0.05) / (min(l, m) + 0.05)
}

// Every text can be read (4.5:1, WCAG AA) on common backgrounds of its kind and on the selected row.
func TestContrast(t *testing.T) {
	for _, c := range []struct {
		theme   Theme
		grounds []color.RGBA
	}{
		{Dark(), []color.RGBA{{0, 0, 0, 255}, {16, 20, 24, 255}, {30, 30, 30, 255}}},
		{Dark().For256Colors(), []color.RGBA{{0, 0, 0, 255}, {16, 20, 24, 255}, {30, 30, 30, 255}}},
		{Light(), []color.RGBA{{255, 255, 255, 255}, {251, 251, 248, 255}}},
		{Light().For256Colors(), []color.RGBA{{255, 255, 255, 255}, {251, 251, 248, 255}}},
	} {
		grounds := c.grounds
		for _, st := range []Style{c.theme.Selected, c.theme.Unfocused, c.theme.Moved} {
			g, ok := st.Color()
			if !ok {
				t.Fatalf("%s: a row has no background", c.theme.Name)
			}
			grounds = append(grounds, g)
		}
		for name, st := range map[string]Style{
			"Dim": c.theme.Dim, "Accent": c.theme.Accent, "Good": c.theme.Good, "Move": c.theme.Progress, "Keep": c.theme.Pinned,
			"Mine": c.theme.Mine, "Warn": c.theme.Warn, "Bad": c.theme.Bad,
		} {
			fg, ok := st.Color()
			if !ok {
				t.Fatalf("%s: %s has no colour", c.theme.Name, name)
			}
			for _, bg := range grounds {
				if r := contrastRatio(fg, bg); r < 4.5 {
					t.Errorf("%s: %s on %v has a contrast of %.1f", c.theme.Name, name, bg, r)
				}
			}
		}
	}
}

// High contrast means seven to one (WCAG AAA), on any background of its kind, and in the rows that have one of their
// own.
func TestHighContrast(t *testing.T) {
	for _, c := range []struct {
		theme   Theme
		grounds []color.RGBA
	}{
		{Contrast(false), []color.RGBA{{0, 0, 0, 255}, {16, 20, 24, 255}, {30, 30, 30, 255}, {40, 44, 52, 255}}},
		{Contrast(true), []color.RGBA{{255, 255, 255, 255}, {251, 251, 248, 255}, {238, 238, 238, 255}}},
	} {
		th := c.theme
		for name, st := range map[string]Style{
			"Text": th.Text, "Dim": th.Dim, "Strong": th.Strong, "Accent": th.Accent, "Good": th.Good, "Move": th.Progress,
			"Keep": th.Pinned,
			"Mine": th.Mine, "Warn": th.Warn, "Bad": th.Bad, "Border": th.Border,
		} {
			fg, ok := st.Color()
			if !ok {
				t.Fatalf("%s has no colour", name)
			}
			for _, bg := range c.grounds {
				if r := contrastRatio(fg, bg); r < 7 {
					t.Errorf("%s on %v has a contrast of %.1f", name, bg, r)
				}
			}
		}
		for name, st := range map[string]Style{"Selected": th.Selected, "Resting": th.Unfocused, "Moved": th.Moved} {
			fg, _ := st.Color()
			_, back, _ := strings.Cut(string(st), "48;2;")
			bg, ok := Style("48;2;" + back).Color()
			if r := contrastRatio(fg, bg); !ok || r < 7 {
				t.Errorf("the text of a row that is %s has a contrast of %.1f", name, r)
			}
		}
		if !th.PlainRows {
			t.Error("the colours of cells would show on rows with a background of their own")
		}
	}
}

func TestStyles(t *testing.T) {
	th := Dark()
	if got := Style("").Render("x"); got != "x" {
		t.Errorf("the zero style gives %q", got)
	}
	if got := Style("1").With("4").Render("x"); got != "\x1b[1;4mx\x1b[m" {
		t.Errorf("got %q", got)
	}
	if th.Cell(th.Bad, "") != th.Bad {
		t.Error("a cell lost its style")
	}
	none := None()
	if none.Cell(none.Bad, none.Selected) != none.Selected {
		t.Error("without colour a selected row has more than one look")
	}
}

func TestASCIIKeepsWidths(t *testing.T) {
	for sign := range asciiSigns {
		got := ASCII(string(sign))
		if len(got) != 1 || got[0] >= 0x80 || ansi.StringWidth(string(sign)) != 1 {
			t.Errorf("%q becomes %q", sign, got)
		}
	}
	for _, s := range []string{"plain", "\x1b[1m● x\x1b[m", "漫画の棚", "⣀⣤⣶⣿ ▰▱", "é ü"} {
		got := ASCII(s)
		if ansi.StringWidth(got) != ansi.StringWidth(s) {
			t.Errorf("%q becomes %q", s, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r >= 0x80 }) {
			t.Errorf("%q becomes %q", s, got)
		}
	}
	if a, b := ASCII("⣀"), ASCII("⣿"); a == b {
		t.Errorf("a low and a high bar are both %q", a)
	}
}

// What is left of each colour in a terminal of 256 can be read as well.
func TestContrastIn256Colors(t *testing.T) {
	nearest := func(c color.RGBA) color.RGBA {
		r, g, b, _ := colorprofile.ANSI256.Convert(c).RGBA()
		return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
	}
	black, white := color.RGBA{16, 20, 24, 255}, color.RGBA{251, 251, 248, 255}
	for _, c := range []struct {
		theme  Theme
		ground color.RGBA
		least  float64
	}{
		{Dark().For256Colors(), black, 4.5},
		{Light().For256Colors(), white, 4.5},
		{Contrast(false).For256Colors(), black, 7},
		{
			Contrast(true).For256Colors(), white, 7,
		},
	} {
		th := c.theme
		for name, st := range map[string]Style{
			"Dim": th.Dim, "Accent": th.Accent, "Good": th.Good, "Move": th.Progress, "Keep": th.Pinned, "Mine": th.Mine,
			"Warn": th.Warn, "Bad": th.Bad,
		} {
			fg, ok := st.Color()
			if !ok {
				t.Fatalf("%s: %s has no colour", th.Name, name)
			}
			if r := contrastRatio(nearest(fg), c.ground); r < c.least {
				t.Errorf("%s on %v: %s has a contrast of %.1f", th.Name, c.ground, name, r)
			}
		}
	}
}
