package palette

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

func typeText(p *Pane, text string) {
	for _, r := range text {
		p.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// names returns the entries that are found, in their order.
func names(p *Pane) []string {
	var out []string
	for i := range p.shown {
		out = append(out, p.entryAt(i).Name)
	}
	return out
}

const hash = "951ead31d09e4049fc1f2b4c6d8e0a1b2c3dfcbd"

func demo(done *string) *Pane {
	th := theme.None()
	do := func(name string) func() tea.Cmd { return func() tea.Cmd { *done = name; return nil } }
	entries := []Entry{
		{Name: "pin", Text: "pin (keep and seed for ever) or unpin", Key: "p", Do: do("pin")},
		{Name: "touch", Text: "restart the cache period", Key: "t", WhyNot: "no site is selected", Do: do("touch")},
		{Name: "saved pins", Kind: "view", Text: "is:pinned", Key: "6", Do: do("view")},
		{Name: "Theme: light", Kind: "theme", Do: do("light")},
		{Name: "spinner", Kind: "label", Do: do("label")},
	}
	return New(&th, entries, Sites{
		All: []engine.Site{
			{Host: hash, Title: "vim tips"},
			{Host: "pinguin.example", Title: "Vögel"},
			{Host: "docs.example", Title: "Example Docs"},
		},
		Open: func(host string) tea.Cmd { *done = host; return nil },
	})
}

func TestBestMatchesComeFirst(t *testing.T) {
	for typed, want := range map[string]string{
		"":            "pin,saved pins,Theme: light,spinner,touch", // what cannot be done now is last
		"pin":         "pin,Vögel,saved pins,spinner",
		"cache":       "touch",
		"thli":        "Theme: light",
		"9":           "",
		"951e":        "vim tips",
		"ead3":        "", // an infohash is found by its beginning
		"tips":        "vim tips",
		"ex":          "Example Docs,Vögel",
		"e":           "saved pins,Theme: light,spinner,pin,touch", // no sites yet
		"VÖG":         "Vögel",
		"light theme": "Theme: light",
		"or ever pin": "pin",
		"label":       "spinner",
	} {
		var done string
		p := demo(&done)
		typeText(p, typed)
		if got := strings.Join(names(p), ","); got != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
}

// When more entries match than are listed, the palette shows how many of them it lists.
func TestManyMatchesAreCounted(t *testing.T) {
	th := theme.None()
	sites := make([]engine.Site, 134)
	for i := range sites {
		sites[i] = engine.Site{Host: fmt.Sprintf("site-%d.example", i)}
	}
	for typed, want := range map[string]string{"site": " 100 of 134", "site-13": " 8 found"} {
		p := New(&th, nil, Sites{All: sites})
		typeText(p, typed)
		if line := strings.Split(ansi.Strip(p.View(80, 22)), "\n")[1]; !strings.Contains(line, want) {
			t.Errorf("%q: %q is missing in %q", typed, want, line)
		}
	}
}

func TestUnavailableEntriesSayWhy(t *testing.T) {
	var done string
	p := demo(&done)
	typeText(p, "touch")
	if out := ansi.Strip(p.View(80, 22)); !strings.Contains(out, "not now: no site is selected") {
		t.Errorf("no reason on\n%s", out)
	}
	if _, open := p.Act(keys.Accept); !open || done != "" || !p.HasNoEffect(keys.Accept) {
		t.Errorf("it was done: %q", done)
	}
	p = demo(&done)
	typeText(p, "pinguin")
	if p.Act(keys.Accept); done != "pinguin.example" {
		t.Errorf("enter went to %q", done)
	}
}

func TestLinesFit(t *testing.T) {
	var done string
	p := demo(&done)
	p.entries[0].Name, p.entries[1].Key = strings.Repeat("長い", 60), strings.Repeat("k ", 20)
	for w := 20; w < 130; w++ {
		for l := range strings.SplitSeq(p.View(w, 20), "\n") {
			if n := ansi.StringWidth(l); n > w {
				t.Fatalf("%d cells of %d: %q", n, w, ansi.Strip(l))
			}
		}
	}
}

func BenchmarkKeystroke(b *testing.B) {
	th := theme.Dark()
	var entries []Entry
	for _, k := range keys.All() {
		entries = append(entries, Entry{Name: string(k.Action), Text: k.Help, Key: k.Label()})
	}
	sites := make([]engine.Site, 10_000)
	for i := range sites {
		sites[i] = engine.Site{
			Host: fmt.Sprintf("site-%d.pub.example", i), Title: fmt.Sprintf("The Site of Number %d and More", i),
		}
		if i%2 == 0 {
			sites[i].Host = fmt.Sprintf("%040x", i*7919)
		}
	}
	for _, text := range []string{"th", "number 9", "tsnm", "zzzz"} {
		b.Run(text, func(b *testing.B) {
			p := New(&th, entries, Sites{All: sites})
			typeText(p, text[:len(text)-1])
			last := tea.KeyPressMsg{Code: rune(text[len(text)-1]), Text: text[len(text)-1:]}
			for b.Loop() {
				p.Update(last)
				p.View(120, 34)
				p.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
			}
		})
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			New(&th, entries, Sites{All: sites})
		}
	})
}
