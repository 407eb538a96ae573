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

// A text that is typed while an answer is awaited is another one: the answer does not concern it, and the form must not
// wait for an answer to it.
func TestTypingHidesTheWaitingText(t *testing.T) {
	th := theme.None()
	for name, edit := range map[string]tea.Msg{
		"a key":   tea.KeyPressMsg{Code: 'm', Text: "m"},
		"a paste": tea.PasteMsg{Content: "m"},
	} {
		f := NewEntry(&th, Entry{
			Value: "docs.exa", Explain: func(text string, _ int) []string { return []string{"the site " + text} },
			Submit: func(f *Form) (tea.Cmd, bool) { f.ShowWaiting("asking the engine"); return nil, true },
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

func keyPress(code rune, text string) tea.Msg { return tea.KeyPressMsg{Code: code, Text: text} }

// The first value is selected: what is typed or pasted replaces it, and a movement keeps it.
func TestTypingReplacesTheSelectedValue(t *testing.T) {
	th := theme.None()
	for name, c := range map[string]struct {
		msgs []tea.Msg
		want string
	}{
		"nothing":         {nil, "500K"},
		"a letter":        {[]tea.Msg{keyPress('2', "2")}, "2"},
		"two letters":     {[]tea.Msg{keyPress('2', "2"), keyPress('m', "m")}, "2m"},
		"a paste":         {[]tea.Msg{tea.PasteMsg{Content: "3M"}}, "3M"},
		"erased":          {[]tea.Msg{keyPress(tea.KeyBackspace, "")}, ""},
		"deleted":         {[]tea.Msg{keyPress(tea.KeyDelete, "")}, ""},
		"moved, a letter": {[]tea.Msg{keyPress(tea.KeyEnd, ""), keyPress('b', "b")}, "500Kb"},
		"moved, erased":   {[]tea.Msg{keyPress(tea.KeyRight, ""), keyPress(tea.KeyBackspace, "")}, "500"},
	} {
		got := ""
		f := NewEntry(&th, Entry{Title: "Limit", Value: "500K", Selected: true, Submit: func(f *Form) (tea.Cmd, bool) {
			got = f.Text()
			return f.ShowError(errors.New("no"))
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
