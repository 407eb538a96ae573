package keys

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Action is the name of what a key does. The name is stable: config.toml remaps keys by it.
type Action string

// Scope is a place where keys work. Several are in force at once; the dispatcher asks them from the inside out.
type Scope string

// Binding is one row of the table.
type Binding struct {
	Action Action
	Scope  Scope
	// Keys are in the spelling of tea.KeyPressMsg.String.
	Keys []string
	// Show is the label of the keys where a list of them would be too long; empty for the list.
	Show string
	// Short is the word in the footer.
	Short string
	// Help is the sentence in the help.
	Help string
	// Rank is the order in the footer, 1 first; what does not fit is left out from the end. A binding with 0 is not in the
	// footer.
	Rank int
}

// Map is a table of keys: the default one, or one that a person has changed (see Remap). It is immutable, and nil is
// the default one, so that a pane without a map still shows keys.
type Map struct{ table []Binding }

// defaultTable returns the table of a nil *Map.
var defaultTable = sync.OnceValue(func() []Binding {
	return slices.Concat(mainTable, pageTable, windowTable, publishTable)
})

func (m *Map) rows() []Binding {
	if m == nil {
		return defaultTable()
	}
	return m.table
}

// ActionOf returns the action of a key in the first of the scopes that binds it.
func (m *Map) ActionOf(key string, scopes ...Scope) (Action, bool) {
	b, ok := m.BindingOf(key, scopes...)
	return b.Action, ok
}

// BindingOf returns the binding of a key in the first of the scopes that binds it.
func (m *Map) BindingOf(key string, scopes ...Scope) (Binding, bool) {
	for _, sc := range scopes {
		for _, b := range m.rows() {
			if b.Scope == sc && slices.Contains(b.Keys, key) {
				return b, true
			}
		}
	}
	return Binding{}, false
}

// All returns the whole table, in the order of the help.
func (m *Map) All() []Binding { return slices.Clone(m.rows()) }

// All returns the default table, in the order of the help.
func All() []Binding { return (*Map)(nil).All() }

// Footer returns the bindings of the given scopes that are in the footer, the most important first.
func (m *Map) Footer(scopes ...Scope) []Binding {
	var out []Binding
	for _, b := range m.rows() {
		if b.Rank > 0 && len(b.Keys) > 0 && slices.Contains(scopes, b.Scope) {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b Binding) int { return a.Rank - b.Rank })
	return out
}

// FirstKey returns the label of the first key of an action, for texts that mention it; empty when a person has removed
// all its keys. It panics for an action that is not in the table.
func (m *Map) FirstKey(a Action) string {
	for _, b := range m.rows() {
		if b.Action == a {
			return b.FirstKey()
		}
	}
	panic(fmt.Sprintf("keys: no key for %s", a))
}

// FirstKeyIn returns the label of the first key of an action in one scope: other scopes may have other keys for it. It
// panics for an action that the scope does not have.
func (m *Map) FirstKeyIn(sc Scope, a Action) string {
	for _, b := range m.rows() {
		if b.Scope == sc && b.Action == a {
			return b.FirstKey()
		}
	}
	panic(fmt.Sprintf("keys: no key for %s in %s", a, sc))
}

// Label returns the binding's keys as a person reads them: "j k ↑ ↓", "^c", "↵".
func (b Binding) Label() string {
	if b.Show != "" {
		return b.Show
	}
	names := make([]string, len(b.Keys))
	for i, k := range b.Keys {
		names[i] = Name(k)
	}
	return strings.Join(names, " ")
}

// FirstKey returns the label of the first key; empty when there is none.
func (b Binding) FirstKey() string {
	if len(b.Keys) == 0 {
		return ""
	}
	return Name(b.Keys[0])
}

// Name returns a key as a person reads it.
func Name(key string) string {
	switch key {
	case "enter":
		return "↵"
	case "up":
		return "↑"
	case "down":
		return "↓"
	case "left":
		return "←"
	case "right":
		return "→"
	case "pgup":
		return "PgUp"
	case "pgdown":
		return "PgDn"
	case "home":
		return "Home"
	case "end":
		return "End"
	case "delete":
		return "Del"
	case "f1":
		return "F1"
	}
	if c, ok := strings.CutPrefix(key, "ctrl+"); ok {
		return "^" + c
	}
	return key
}

// Markdown returns the default table for the documentation, one row a binding.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| where | key | does | name |\n|---|---|---|---|\n")
	for _, k := range All() {
		name := ""
		if Remappable(k.Scope) {
			name = "`" + string(k.Action) + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", k.Scope, markdownKeys(k), k.Help, name)
	}
	return b.String()
}

// markdownKeys returns each key as code in Markdown.
func markdownKeys(b Binding) string {
	parts := strings.Fields(b.Label())
	for i, p := range parts {
		parts[i] = "`" + strings.ReplaceAll(p, "|", `\|`) + "`"
	}
	return strings.Join(parts, " ")
}
