package dialog

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// What is typed while an answer is awaited is another text: the answer is not about that, and whoever types it must not
// be left waiting for one.
func TestTypingEndsTheWait(t *testing.T) {
	th := theme.None()
	for name, edit := range map[string]tea.Msg{
		"a key":   tea.KeyPressMsg{Code: 'm', Text: "m"},
		"a paste": tea.PasteMsg{Content: "m"},
	} {
		f := Enter(&th, Entry{
			Value: "docs.exa", Below: func(text string, _ int) []string { return []string{"the site " + text} },
			Submit: func(f *Form) (tea.Cmd, bool) { f.Wait("asking the engine"); return nil, true },
		})
		reads := func() string { return ansi.Strip(f.View(80, 24)) }
		if f.Act(keys.Accept); !strings.Contains(reads(), "asking the engine") {
			t.Fatalf("nothing is asked:\n%s", reads())
		}
		if f.Update(tea.FocusMsg{}); !strings.Contains(reads(), "asking the engine") {
			t.Errorf("it waits no longer, though nothing was typed:\n%s", reads())
		}
		if f.Update(edit); strings.Contains(reads(), "asking") || !strings.Contains(reads(), "the site docs.exam") {
			t.Errorf("after %s:\n%s", name, reads())
		}
	}
}

func press(code rune, text string) tea.Msg { return tea.KeyPressMsg{Code: code, Text: text} }

// What a question begins with is selected: what is typed or pasted takes its place, and a movement keeps it.
func TestValueIsSelectedAtFirst(t *testing.T) {
	th := theme.None()
	for name, c := range map[string]struct {
		msgs []tea.Msg
		want string
	}{
		"nothing":         {nil, "500K"},
		"a letter":        {[]tea.Msg{press('2', "2")}, "2"},
		"two letters":     {[]tea.Msg{press('2', "2"), press('m', "m")}, "2m"},
		"a paste":         {[]tea.Msg{tea.PasteMsg{Content: "3M"}}, "3M"},
		"erased":          {[]tea.Msg{press(tea.KeyBackspace, "")}, ""},
		"deleted":         {[]tea.Msg{press(tea.KeyDelete, "")}, ""},
		"moved, a letter": {[]tea.Msg{press(tea.KeyEnd, ""), press('b', "b")}, "500Kb"},
		"moved, erased":   {[]tea.Msg{press(tea.KeyRight, ""), press(tea.KeyBackspace, "")}, "500"},
	} {
		got := ""
		f := Enter(&th, Entry{Title: "Limit", Value: "500K", Selected: true, Submit: func(f *Form) (tea.Cmd, bool) {
			got = f.Text()
			return f.Refuse(errors.New("no"))
		}})
		for _, msg := range c.msgs {
			f.Update(msg)
		}
		view := ansi.Strip(f.View(80, 24))
		if !strings.Contains(view, "› "+c.want+" ") {
			t.Errorf("%s: the window shows\n%s", name, view)
		}
		if _, open := f.Act(keys.Accept); got != c.want || !open {
			t.Errorf("%s: took %q, want %q", name, got, c.want)
		}
	}
}
