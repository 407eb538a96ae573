package footer

import (
	"strings"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// FittingKeys returns the bindings that the line has room for, in their order. Those for which skip is true are left
// out. When there is no room for all, those before the last two are left out, because help and quit are what people
// look for here.
func FittingKeys(
	w int, th *theme.Theme, km *keys.Map, skip func(keys.Binding) bool, scopes ...keys.Scope,
) []keys.Binding {
	var shown []keys.Binding
	used := -1
	for _, k := range km.Footer(scopes...) {
		if skip == nil || !skip(k) {
			shown = append(shown, k)
			used += keyWidth(k, th)
		}
	}
	for used > w && len(shown) > 1 {
		i := max(len(shown)-3, 0)
		used -= keyWidth(shown[i], th)
		shown = append(shown[:i:i], shown[i+1:]...)
	}
	return shown
}

// View draws the line.
func View(w int, th *theme.Theme, shown []keys.Binding) string {
	parts := make([]string, len(shown))
	for i, k := range shown {
		parts[i] = th.Accent.Render(th.SpellKeys(k.FirstKey())) + " " + th.Dim.Render(k.Short)
	}
	return format.Cut(" "+strings.Join(parts, "  "), w)
}

// ActionAt returns the action whose key or word is at x of the line.
func ActionAt(x int, th *theme.Theme, shown []keys.Binding) (keys.Action, bool) {
	from := 1
	for _, k := range shown {
		if x >= from && x < from+keyWidth(k, th)-2 {
			return k.Action, true
		}
		from += keyWidth(k, th)
	}
	return "", false
}

// keyWidth returns the width of key, word and the blanks around them.
func keyWidth(k keys.Binding, th *theme.Theme) int {
	return format.Width(th.SpellKeys(k.FirstKey())) + 1 + format.Width(k.Short) + 2
}
