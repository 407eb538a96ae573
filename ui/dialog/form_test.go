package dialog

import (
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
	for name, edit := range map[string]tea.Msg{"a key": tea.KeyPressMsg{Code: 'm', Text: "m"}, "a paste": tea.PasteMsg{Content: "m"}} {
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
