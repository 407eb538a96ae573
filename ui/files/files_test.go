package files

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

func TestTreeHasFilesBeforeFolders(t *testing.T) {
	var lines []string
	for _, n := range buildTree([]engine.File{
		{Path: "img/b.png", Size: 3, Completed: 1},
		{Path: "z.html", Size: 1},
		{Path: "img/deep/er/c.png", Size: 5, Completed: 5},
		{Path: "a-b/x", Size: 1},
		{Path: "a/x", Size: 1},
		{Path: "index.html", Size: 2, Completed: 2},
	}) {
		lines = append(lines, fmt.Sprintf("%s%s %d/%d", strings.Repeat(" ", n.depth), n.name, n.done, n.size))
	}
	want := `index.html 2/2
z.html 0/1
a/ 0/1
 x 0/1
a-b/ 0/1
 x 0/1
img/ 6/8
 b.png 1/3
 deep/ 5/5
  er/ 5/5
   c.png 5/5`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSelectionSurvivesNewFiles(t *testing.T) {
	th := theme.Dark()
	p := New(&th)
	set := func(names ...string) {
		var d engine.Detail
		for _, n := range names {
			d.Files = append(d.Files, engine.File{Path: n, URL: "http://x/" + n})
		}
		p.Set(d, time.Time{})
	}
	set("b", "c")
	if _, ok := p.URL(); ok {
		t.Error("a file is selected that nobody has chosen")
	}
	p.Handle(keys.Down)
	p.Handle(keys.Down)
	set("a", "b", "c", "d/e")
	if u, ok := p.URL(); !ok || u != "http://x/c" {
		t.Errorf("%q is selected", u)
	}
	p.Handle(keys.Bottom)
	p.Handle(keys.Up)
	if u, ok := p.URL(); ok {
		t.Errorf("the folder has the address %q", u)
	}
}

func TestFoldersFold(t *testing.T) {
	th := theme.None()
	p := New(&th)
	d := engine.Detail{Files: []engine.File{{Path: "a/deep/x"}, {Path: "a/y"}, {Path: "ab"}, {Path: "index.html"}}}
	p.Set(d, time.Time{})
	all := len(p.Items())
	p.Handle(keys.Top)
	p.Handle(keys.Down)
	p.Handle(keys.Down) // a/
	p.Handle(keys.Details)
	if out := p.View(60, 10); len(p.Items()) != 3 || !strings.Contains(out, "a/ …") || strings.Contains(out, "deep") {
		t.Errorf("folded:\n%s", out)
	}
	p.Set(d, time.Time{})
	if n, _ := p.Selected(); len(p.Items()) != 3 || n.path != "a/" {
		t.Errorf("after a second %d rows, %q selected", len(p.Items()), n.path)
	}
	p.Handle(keys.Details)
	if len(p.Items()) != all {
		t.Errorf("unfolded it has %d rows of %d", len(p.Items()), all)
	}
	p.Handle(keys.Top)
	if p.Handle(keys.Details) {
		t.Error("a file folds")
	}
	if got := mediaType(&node{name: "A.HTML"}); got != "text/html" {
		t.Errorf("A.HTML is %q", got)
	}
}

// A search goes to files in folded folders, which it unfolds, and only those.
func TestSearchUnfolds(t *testing.T) {
	th := theme.None()
	p := New(&th)
	p.Set(engine.Detail{Files: []engine.File{
		{Path: "a/deep/Page"},
		{Path: "a/deep/x"},
		{Path: "b/page"},
		{Path: "c/x"},
		{Path: "index.html"},
	}}, time.Time{})
	for _, folder := range []string{"c/", "b/", "a/deep/", "a/"} {
		p.SelectRow(slices.IndexFunc(p.all, func(n node) bool { return n.path == folder }))
		p.Handle(keys.Details)
	}
	if len(p.Items()) != 4 {
		t.Fatalf("folded: %d rows", len(p.Items()))
	}
	p.SelectRow(-1)
	s := p.Search()
	s.Handle(keys.StartSearch)
	for _, r := range "page" {
		s.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	at := func(want, count string) {
		t.Helper()
		n, _ := p.Selected()
		if n.path != want || s.CountText() != count {
			t.Errorf("%s (%s), want %s (%s)", n.path, s.CountText(), want, count)
		}
	}
	at("a/deep/Page", "1 of 2")
	if p.folded["a/"] || p.folded["a/deep/"] || !p.folded["b/"] || !p.folded["c/"] {
		t.Errorf("folded: %v", p.folded)
	}
	s.Handle(keys.Accept)
	s.Handle(keys.NextMatch)
	at("b/page", "2 of 2")
	s.Handle(keys.NextMatch)
	at("a/deep/Page", "1 of 2")
	s.Handle(keys.PrevMatch)
	at("b/page", "2 of 2")
	if out := p.View(60, 10); !strings.Contains(out, "\x1b[1;4mpage\x1b[m") && !strings.Contains(out, ";1;4mpage") {
		t.Errorf("no match stands out in %q", out)
	}
	// A text with a slash is looked for in whole paths.
	s.Clear()
	s.Handle(keys.StartSearch)
	for _, r := range "deep/x" {
		s.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	at("a/deep/x", "1 of 1")
}

func BenchmarkSearch(b *testing.B) {
	th := theme.Dark()
	p := New(&th)
	var d engine.Detail
	for i := range 20_000 {
		d.Files = append(d.Files, engine.File{Path: fmt.Sprintf("folder-%d/page-%d.html", i%300, i), Size: int64(i)})
	}
	p.Set(d, time.Time{})
	s := p.Search()
	s.Handle(keys.StartSearch)
	for i := 0; b.Loop(); i++ {
		key := tea.KeyPressMsg{Code: 'e', Text: "e"}
		if i%2 == 1 {
			key = tea.KeyPressMsg{Code: tea.KeyBackspace}
		}
		s.Update(key)
	}
}

func BenchmarkSet(b *testing.B) {
	th := theme.Dark()
	p := New(&th)
	var d engine.Detail
	for i := range 20_000 {
		d.Files = append(d.Files, engine.File{Path: fmt.Sprintf("folder-%d/page-%d.html", i%300, i), Size: int64(i)})
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			p.files = nil
			p.Set(d, time.Time{})
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			p.Set(d, time.Time{})
		}
	})
}
