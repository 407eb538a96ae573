package entry

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

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
		p := New(&th, Question{Title: "Limit", Value: "500K", Take: func(text string) (tea.Cmd, error) {
			got = text
			return nil, errors.New("no")
		}})
		for _, msg := range c.msgs {
			p.Update(msg)
		}
		view := ansi.Strip(p.View(80, 24))
		if !strings.Contains(view, "› "+c.want+" ") {
			t.Errorf("%s: the window shows\n%s", name, view)
		}
		if _, open := p.Act(keys.Accept); got != c.want || !open {
			t.Errorf("%s: took %q, want %q", name, got, c.want)
		}
	}
}
