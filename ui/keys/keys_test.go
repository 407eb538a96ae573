package keys

import (
	"slices"
	"strings"
	"testing"
)

// In no situation does a key mean two things: each one is bound once among the scopes that are in force together,
// unless both bindings are the same action.
func TestNoKeyMeansTwoThings(t *testing.T) {
	for name, scopes := range Stacks() {
		meaning := map[string]Action{}
		for _, b := range table {
			if !slices.Contains(scopes, b.Scope) {
				continue
			}
			for _, k := range b.Keys {
				if other, taken := meaning[k]; taken && other != b.Action {
					t.Errorf("%s: %s means %s and %s", name, k, other, b.Action)
				}
				meaning[k] = b.Action
			}
		}
	}
}

func TestEveryBindingIsDocumentedAndReachable(t *testing.T) {
	used := map[Scope]bool{}
	for _, scopes := range Stacks() {
		for _, s := range scopes {
			used[s] = true
		}
	}
	for _, b := range table {
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
			if a, ok := Find(k, b.Scope); !ok || a != b.Action {
				t.Errorf("%s in %s finds %s", k, b.Scope, a)
			}
		}
	}
}

// Some terminals cannot tell these from others, or keep them for themselves.
func TestNoKeyIsOutOfReach(t *testing.T) {
	for _, b := range table {
		for _, k := range b.Keys {
			if strings.Contains(k, "alt+") || k == "shift+enter" || k == "ctrl+i" || k == "ctrl+m" || k == "ctrl+h" || k == "ctrl+s" || k == "ctrl+q" {
				t.Errorf("%s is bound to %s", k, b.Action)
			}
		}
	}
}

func TestInnerScopesComeFirst(t *testing.T) {
	stack := Stacks()["page"]
	if a, _ := Find("tab", stack...); a != NextTab {
		t.Errorf("tab on the page is %s", a)
	}
	if _, ok := Find("enter", stack...); ok {
		t.Error("enter does something on the page")
	}
	if a, _ := Find("q", Stacks()["prompt"]...); a != "" {
		t.Errorf("q cannot be typed: it is %s", a)
	}
}

func TestMarkdownHasEveryBinding(t *testing.T) {
	md := Markdown()
	if rows := strings.Count(md, "\n"); rows != len(table)+2 {
		t.Errorf("%d lines for %d bindings", rows, len(table))
	}
	for _, want := range []string{"| a site | `p` | pin", "| lists | `k` `↑` | one up |", "| everywhere | `^c` | quit |"} {
		if !strings.Contains(md, want) {
			t.Errorf("no %q in\n%s", want, md)
		}
	}
}

func TestOfKnowsEveryAction(t *testing.T) {
	for _, b := range table {
		if Of(b.Action) == "" {
			t.Errorf("%s has no key", b.Action)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an action without a key has one")
		}
	}()
	Of("dance")
}
