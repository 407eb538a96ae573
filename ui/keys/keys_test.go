package keys

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// In no situation does a key mean two things: each one is bound once among the scopes that are in force together,
// unless both bindings are the same action.
func TestNoKeyMeansTwoThings(t *testing.T) {
	if err := (&Map{All()}).checkConflicts(); err != nil {
		t.Error(err)
	}
}

func TestEveryBindingIsDocumentedAndReachable(t *testing.T) {
	used := map[Scope]bool{}
	for _, scopes := range Stacks() {
		for _, s := range scopes {
			used[s] = true
		}
	}
	for _, b := range All() {
		if b.Help == "" || len(b.Keys) == 0 || b.Action == "" {
			t.Errorf("%+v is not documented", b)
		}
		if !used[b.Scope] {
			t.Errorf("%s is bound where nobody looks: %s", b.Action, b.Scope)
		}
		if (b.Rank > 0) != (b.Short != "") {
			t.Errorf("%s: a word for the footer and a rank there belong together", b.Action)
		}
		for _, k := range b.Keys {
			if a, ok := (*Map)(nil).ActionOf(k, b.Scope); !ok || a != b.Action {
				t.Errorf("%s in %s finds %s", k, b.Scope, a)
			}
		}
	}
}

// Some terminals cannot tell these from others, or keep them for themselves.
func TestNoKeyIsOutOfReach(t *testing.T) {
	for _, b := range All() {
		for _, k := range b.Keys {
			if err := checkReachable(k); err != nil {
				t.Errorf("%s: %v", b.Action, err)
			}
			if strings.Contains(k, "alt+") || k == "ctrl+s" || k == "ctrl+q" {
				t.Errorf("%s is bound to %s", k, b.Action)
			}
		}
	}
}

func TestInnerScopesComeFirst(t *testing.T) {
	var m *Map
	stack := Stacks()["page"]
	if a, _ := m.ActionOf("tab", stack...); a != NextTab {
		t.Errorf("tab on the page is %s", a)
	}
	if b := m.FirstKeyIn(Search, StartSearch); b != "/" {
		t.Errorf("%s searches", b)
	}
	for _, typing := range []string{"searching", "prompt", "filter", "palette", "entry"} {
		if a, _ := m.ActionOf("q", Stacks()[typing]...); a != "" {
			t.Errorf("%s: q cannot be typed: it is %s", typing, a)
		}
	}
}

func TestMarkdownHasEveryBinding(t *testing.T) {
	md := Markdown()
	if rows := strings.Count(md, "\n"); rows != len(All())+2 {
		t.Errorf("%d lines for %d bindings", rows, len(All()))
	}
	for _, want := range []string{
		"| a site | `p` | pin", "| lists | `k` `↑` | one up | `up` |",
		"| everywhere | `^c` | quit | `quit` |", "| question | `y` | yes |  |",
	} {
		if !strings.Contains(md, want) {
			t.Errorf("no %q in\n%s", want, md)
		}
	}
}

func TestFirstKeyKnowsEveryAction(t *testing.T) {
	var m *Map
	for _, b := range m.All() {
		if m.FirstKey(b.Action) == "" {
			t.Errorf("%s has no key", b.Action)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an action without a key has one")
		}
	}()
	m.FirstKey("dance")
}

func TestRemap(t *testing.T) {
	m, err := Remap(map[string][]string{"evict": {"X", "delete"}, "undo": {}, "view-1": {"0"}})
	if err != nil {
		t.Fatal(err)
	}
	main := Stacks()["main"]
	for key, want := range map[string]Action{"X": Evict, "delete": Evict, "d": "", "u": "", "0": One, "1": "", "p": Pin} {
		if a, _ := m.ActionOf(key, main...); a != want {
			t.Errorf("%s is %q, want %q", key, a, want)
		}
	}
	if got := m.FirstKey(Evict); got != "X" {
		t.Errorf("evict is shown as %q", got)
	}
	hasNoKey := func(b Binding) bool { return b.FirstKey() == "" }
	if m.FirstKey(Undo) != "" || slices.ContainsFunc(m.Footer(main...), hasNoKey) {
		t.Error("a key that is gone is still shown")
	}
	if (*Map)(nil).FirstKey(Evict) != "d" {
		t.Error("remapping has changed the default table")
	}
}

func TestRemapRefuses(t *testing.T) {
	for want, changes := range map[string]map[string][]string{
		`"p" means pin and evict`:       {"evict": {"p"}},
		`"tab" means details and focus`: {"details": {"tab"}},
		`no action "fly"`:               {"fly": {"x"}},
		`no action "yes"`:               {"yes": {"x"}},
		"cannot tell ctrl+m":            {"mark": {"ctrl+m"}},
		`no key "shift+enter"`:          {"mark": {"shift+enter"}},
		`no key ""`:                     {"mark": {""}},
		"quit needs a key":              {"quit": {}},
	} {
		if _, err := Remap(changes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", slices.Sorted(maps.Keys(changes)), err, want)
		}
	}
}
