package search

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/keys"
	"wtptui/ui/scroll"
	"wtptui/ui/theme"
)

func TestQuery(t *testing.T) {
	for _, c := range []struct {
		query, text string
		want        bool
	}{
		{"page", "Page.html", true},
		{"Page", "page.html", false},
		{"Page", "my Page", true},
		{"größe", "GRÖSSE Größe", true},
		{"größe", "GRÖSSE", false},
		{"i", "İstanbul", true}, // its lower case has another length
		{"", "anything", false},
		{"pp", "papp", true},
		{"漫画", "漫画の棚", true},
	} {
		if got := NewQuery(c.query).Matches(c.text); got != c.want {
			t.Errorf("%q in %q: %v", c.query, c.text, got)
		}
	}
}

// The drawn text does not depend on the search.
func FuzzRender(f *testing.F) {
	f.Add("page", "a Page and a page")
	f.Add("İ", "iİi")
	f.Add("a", "aaa")
	f.Add("漫", "x漫画")
	f.Fuzz(func(t *testing.T, query, text string) {
		if strings.ContainsFunc(text+query, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffd }) {
			return // engine.Clean has taken these out
		}
		th := theme.Dark()
		if got := ansi.Strip(NewQuery(query).Render(text, &th, th.Good, th.Selected)); got != text {
			t.Errorf("%q became %q", text, got)
		}
	})
}

func TestMarkKeepsTheLine(t *testing.T) {
	th := theme.Dark()
	line := "  " + th.Dim.Render("Size") + " " + th.Strong.Render("1.2 MB in 漫画 files") + " size"
	for _, query := range []string{"size", "mb in", "漫", "e", "none"} {
		got := NewQuery(query).Mark(line, &th, "")
		if ansi.Strip(got) != ansi.Strip(line) {
			t.Errorf("%q: %q", query, ansi.Strip(got))
		}
		if n := strings.Count(got, string(th.Match)); n != strings.Count(strings.ToLower(ansi.Strip(line)), query) {
			t.Errorf("%q stands out %d times in %q", query, n, got)
		}
	}
}

// rows is a List of texts.
type rows struct {
	texts []string
	at    int
}

func (r *rows) RowCount() int        { return len(r.texts) }
func (r *rows) RowText(i int) string { return r.texts[i] }
func (r *rows) Index() int           { return r.at }
func (r *rows) SelectRow(i int)      { r.at = i }

func write(s *Search, text string) {
	for _, r := range text {
		s.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func TestSearchIsLiveAndWraps(t *testing.T) {
	th := theme.None()
	r := &rows{texts: []string{"one", "two", "three", "Two again", "four"}, at: 2}
	var s Search
	s.Attach(r, &th)
	check := func(at int, count string) {
		t.Helper()
		if r.at != at || s.CountText() != count {
			t.Errorf("row %d (%s), want %d (%s)", r.at, s.CountText(), at, count)
		}
	}
	if s.Handle(keys.NextMatch) {
		t.Error("n goes somewhere though nothing is looked for")
	}
	s.Handle(keys.StartSearch)
	write(&s, "t")
	check(2, "2 of 3")
	write(&s, "w")
	check(3, "2 of 2") // the next one from where it began
	write(&s, "x")
	check(2, "no match") // and back where it began
	s.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
	check(3, "2 of 2")
	s.Handle(keys.Down)
	check(1, "1 of 2")
	if !s.Typing() || !strings.Contains(ansi.Strip(s.View(80)), "/tw") ||
		!strings.Contains(ansi.Strip(s.View(80)), "1 of 2") {
		t.Errorf("field %q", ansi.Strip(s.View(80)))
	}
	s.Handle(keys.Accept)
	if s.Typing() || !strings.HasPrefix(s.HintText(nil), "/tw  1 of 2   n next") {
		t.Errorf("hint %q", s.HintText(nil))
	}
	s.Handle(keys.PrevMatch)
	check(3, "2 of 2")
	s.Handle(keys.NextMatch)
	check(1, "1 of 2")
	r.at = 4
	check(4, "2 found")
	s.Handle(keys.NextMatch)
	check(1, "1 of 2")
	r.texts = slices.Insert(r.texts, 0, "twelve")
	s.Invalidate()
	check(1, "3 found")
	s.Handle(keys.StartSearch)
	if s.Handle(keys.Cancel); s.Active() || s.Typing() || r.at != 1 || s.HintText(nil) != "" {
		t.Errorf("after esc it looks for %q at %d", s.Query().Text(), r.at)
	}
}

func TestNothingSelectedStaysSo(t *testing.T) {
	th := theme.None()
	r := &rows{texts: []string{"a", "b"}, at: -1}
	var s Search
	s.Attach(r, &th).Handle(keys.StartSearch)
	write(&s, "b")
	if r.at != 1 {
		t.Errorf("row %d", r.at)
	}
	if s.Handle(keys.Cancel); r.at != -1 {
		t.Errorf("after esc row %d is selected", r.at)
	}
}

// However narrow the screen is, the line fits.
func TestFieldFits(t *testing.T) {
	th := theme.None()
	var s Search
	s.Attach(&rows{}, &th).Handle(keys.StartSearch)
	write(&s, strings.Repeat("long ", 30))
	for w := range 100 {
		if got := ansi.StringWidth(s.View(w)); got > w {
			t.Errorf("%d cells of %d", got, w)
		}
	}
}

func TestLinesComeIntoView(t *testing.T) {
	th := theme.None()
	text := make([]string, 100)
	for i := range text {
		text[i] = "line"
	}
	text[70] = "the needle"
	l := &Lines{Window: scroll.Window{}}
	l.Draw(text, 10, &th)
	s := l.Search(&th)
	s.Handle(keys.StartSearch)
	write(s, "needle")
	if out := strings.Join(l.Draw(text, 10, &th), "\n"); !strings.Contains(out, "the \x1b[m\x1b[1;4mneedle") {
		t.Errorf("shown: %q", out)
	}
}
