package keys

import (
	"fmt"
	"slices"
	"strings"
)

// Action names what a key does.
type Action string

// Scope is a place where keys work. Several are in force at once; the dispatcher asks them from the inside out.
type Scope string

// Scopes.
const (
	Always  Scope = "everywhere"     // also while typing
	Global  Scope = "anywhere"       // unless something is being typed or asked
	Move    Scope = "lists"          // any list
	Main    Scope = "main screen"    //
	Verbs   Scope = "a site"         // main screen and site page: the selected site
	Page    Scope = "site page"      //
	Filter  Scope = "filter"         // while the filter is being typed
	Prompt  Scope = "add prompt"     //
	Confirm Scope = "question"       //
	Notice  Scope = "address window" //
	Help    Scope = "help"           //
)

// Binding is one row of the table.
type Binding struct {
	Action Action
	Scope  Scope
	// Keys are in the spelling of tea.KeyPressMsg.String.
	Keys []string
	// Show is how the keys are written where the list itself would be too long; empty means all of them.
	Show string
	// Short is the footer's word.
	Short string
	// Help is the help's sentence.
	Help string
	// Rank orders the footer, 1 first; what does not fit is left out from the end. 0 is not in the footer.
	Rank int
}

// Stacks lists the scopes that are in force together, by situation, inner ones first. No key may mean two things in one.
func Stacks() map[string][]Scope {
	return map[string][]Scope{
		"main":    {Main, Verbs, Move, Global, Always},
		"page":    {Page, Verbs, Move, Global, Always},
		"filter":  {Filter, Always},
		"prompt":  {Prompt, Always},
		"confirm": {Confirm, Always},
		"notice":  {Notice, Always},
		"help":    {Help, Move, Always},
	}
}

// Find gives the action of a key in the given scopes, the first one that binds it.
func Find(key string, scopes ...Scope) (Action, bool) {
	for _, sc := range scopes {
		for _, b := range table {
			if b.Scope == sc && slices.Contains(b.Keys, key) {
				return b.Action, true
			}
		}
	}
	return "", false
}

// All gives the whole table, in the order of the help.
func All() []Binding { return slices.Clone(table) }

// Footer gives the bindings of the given scopes that the footer mentions, the most important first.
func Footer(scopes ...Scope) []Binding {
	var out []Binding
	for _, b := range table {
		if b.Rank > 0 && slices.Contains(scopes, b.Scope) {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b Binding) int { return a.Rank - b.Rank })
	return out
}

// Label writes a binding's keys for a person: "j k ↑ ↓", "^c", "↵".
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

// First writes only the first key, for the footer.
func (b Binding) First() string { return Name(b.Keys[0]) }

// Name writes one key for a person.
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
	case "f1":
		return "F1"
	}
	if c, ok := strings.CutPrefix(key, "ctrl+"); ok {
		return "^" + c
	}
	return key
}

// Of gives the label of the first key of an action, for texts that mention it; it panics for an action without one.
func Of(a Action) string {
	for _, b := range table {
		if b.Action == a {
			return b.First()
		}
	}
	panic(fmt.Sprintf("keys: no key for %s", a))
}

// Markdown writes the table for the README, one row a binding.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| where | key | does |\n|---|---|---|\n")
	for _, k := range table {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", k.Scope, code(k), k.Help)
	}
	return b.String()
}

// code writes each key as code of its own, as Markdown has it.
func code(b Binding) string {
	parts := strings.Fields(b.Label())
	for i, p := range parts {
		parts[i] = "`" + strings.ReplaceAll(p, "|", `\|`) + "`"
	}
	return strings.Join(parts, " ")
}
