package keys

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Remap returns the default table with other keys for some actions, by the actions' names. An empty list removes an
// action's keys. Errors name what is wrong: an unknown action, a key that no terminal reports, or a key that would mean
// two things in one place.
func Remap(changes map[string][]string) (*Map, error) {
	m := &Map{All()}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		known := false
		for i := range m.table {
			b := &m.table[i]
			if string(b.Action) == name && Remappable(b.Scope) {
				known = true
				b.Keys, b.Show = slices.Clone(changes[name]), ""
			}
		}
		if !known {
			return nil, fmt.Errorf("there is no action %q: `wtptui help topic keys` lists them", name)
		}
		for _, k := range changes[name] {
			if err := checkReachable(k); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if len(m.keysOf(Quit)) == 0 {
		return nil, fmt.Errorf("%s needs a key: nobody could leave", Quit)
	}
	if err := m.checkConflicts(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Map) keysOf(a Action) []string {
	for _, b := range m.table {
		if b.Action == a {
			return b.Keys
		}
	}
	return nil
}

// checkConflicts returns an error if a key means two things in one situation.
func (m *Map) checkConflicts() error {
	stacks := Stacks()
	for _, situation := range slices.Sorted(maps.Keys(stacks)) {
		meaning := map[string]Action{}
		for _, b := range m.table {
			if !slices.Contains(stacks[situation], b.Scope) {
				continue
			}
			for _, k := range b.Keys {
				if other, taken := meaning[k]; taken && other != b.Action {
					return fmt.Errorf("%q means %s and %s: give one of them another key", k, other, b.Action)
				}
				meaning[k] = b.Action
			}
		}
	}
	return nil
}

// namedKeys are the keys that have a name instead of a sign, as Bubble Tea spells them.
var namedKeys = []string{
	"enter", "esc", "tab", "shift+tab", "space", "backspace", "delete", "insert", "up", "down", "left", "right", "home",
	"end", "pgup", "pgdown",
}

// checkReachable returns why a key cannot be pressed in every terminal, or nil.
func checkReachable(key string) error {
	switch {
	case key == "ctrl+i" || key == "ctrl+m" || key == "ctrl+h" || key == "ctrl+[":
		return fmt.Errorf("a terminal cannot tell %s from tab, enter, backspace or esc", key)
	case slices.Contains(namedKeys, key):
		return nil
	case strings.HasPrefix(key, "ctrl+") && len(key) == len("ctrl+a") && key[5] >= 'a' && key[5] <= 'z':
		return nil
	case strings.HasPrefix(key, "alt+") && utf8.RuneCountInString(key) == len("alt+a"):
		return nil
	case len(key) > 1 && key[0] == 'f' &&
		slices.Contains([]string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}, key[1:]):
		return nil
	}
	if r, n := utf8.DecodeRuneInString(key); n == len(key) && n > 0 && unicode.IsGraphic(r) && r != ' ' {
		return nil
	}
	return fmt.Errorf("there is no key %q: write it like \"x\", \"X\", \"ctrl+x\", \"f5\" or %q", key, "space")
}
