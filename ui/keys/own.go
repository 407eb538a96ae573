package keys

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// OwnPrefix is the prefix of the actions of a person's own commands: "commands.mirror" is that of the command mirror.
// It is also the name of the table in config.toml.
const OwnPrefix = "commands."

// Own is a command of the person's own. Its keys work where those of actions on a site do.
type Own struct {
	Name string
	// Keys may be empty: the palette lists the command all the same.
	Keys []string
	// Help is the sentence in the help; empty for one made of the name.
	Help string
}

// Action returns the action of the command's keys.
func (o Own) Action() Action { return Action(OwnPrefix + o.Name) }

// CheckOwnName returns why a command may not have a name, or nil.
func CheckOwnName(name string) error {
	const maxName = 32
	ok := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' }
	if name == "" || len([]rune(name)) > maxName || strings.ContainsFunc(name, func(r rune) bool { return !ok(r) }) {
		return fmt.Errorf("a command's name has 1 to %d letters, digits, - and _", maxName)
	}
	return nil
}

// With returns the table with the person's own commands. Like those of Remap, errors name what is wrong.
func (m *Map) With(own ...Own) (*Map, error) {
	if len(own) == 0 {
		return m, nil
	}
	extended := &Map{m.All()}
	at := 1 + slices.IndexFunc(extended.table, func(b Binding) bool { return b.Action == AcceptKey })
	for _, o := range own {
		if err := CheckOwnName(o.Name); err != nil {
			return nil, fmt.Errorf("%s: %w", o.Action(), err)
		}
		for _, k := range o.Keys {
			if err := checkReachable(k); err != nil {
				return nil, fmt.Errorf("%s: %w", o.Action(), err)
			}
		}
		help := o.Help
		if help == "" {
			help = "your own command " + o.Name
		}
		b := Binding{Action: o.Action(), Scope: Verbs, Keys: slices.Clone(o.Keys), Help: help}
		extended.table = slices.Insert(extended.table, at, b)
		at++
	}
	if err := extended.checkConflicts(); err != nil {
		return nil, err
	}
	return extended, nil
}
