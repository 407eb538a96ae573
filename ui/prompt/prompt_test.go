package prompt

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// What is typed while the engine is asked is another address: the answer is not about that, and whoever types it must not
// be left waiting for one.
func TestTypingEndsTheWait(t *testing.T) {
	th := theme.None()
	for name, edit := range map[string]tea.Msg{"a key": tea.KeyPressMsg{Code: 'm', Text: "m"}, "a paste": tea.PasteMsg{Content: "m"}} {
		p := New(&th, "docs.exa", "", func(p *Pane) tea.Cmd { p.Busy(true); return nil })
		reads := func() string { return ansi.Strip(p.View(80, 24)) }
		if p.Act(keys.Accept); !strings.Contains(reads(), "asking the engine") {
			t.Fatalf("nothing is asked:\n%s", reads())
		}
		if p.Update(tea.FocusMsg{}); !strings.Contains(reads(), "asking the engine") {
			t.Errorf("it waits no longer, though nothing was typed:\n%s", reads())
		}
		if p.Update(edit); strings.Contains(reads(), "asking") || !strings.Contains(reads(), "the site docs.exam") {
			t.Errorf("after %s:\n%s", name, reads())
		}
	}
}
