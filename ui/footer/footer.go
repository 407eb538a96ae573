package footer

import (
	"strings"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// Shown returns the bindings that the line has room for, in their order. Those for which skip is true are left out;
// when there is no room for all, those before the last two go, because help and quit are what is looked for here.
func Shown(w int, th *theme.Theme, km *keys.Map, skip func(keys.Binding) bool, scopes ...keys.Scope) []keys.Binding {
	var shown []keys.Binding
	used := -1
	for _, k := range km.Footer(scopes...) {
		if skip == nil || !skip(k) {
			shown = append(shown, k)
			used += width(k, th)
		}
	}
	for used > w && len(shown) > 1 {
		i := max(len(shown)-3, 0)
		used -= width(shown[i], th)
		shown = append(shown[:i:i], shown[i+1:]...)
	}
	return shown
}

// View draws the line.
func View(w int, th *theme.Theme, shown []keys.Binding) string {
	parts := make([]string, len(shown))
	for i, k := range shown {
		parts[i] = th.Accent.Render(th.Label(k.First())) + " " + th.Dim.Render(k.Short)
	}
	return format.Cut(" "+strings.Join(parts, "  "), w)
}

// At returns the action whose key or word stands at x of the line.
func At(x int, th *theme.Theme, shown []keys.Binding) (keys.Action, bool) {
	from := 1
	for _, k := range shown {
		if x >= from && x < from+width(k, th)-2 {
			return k.Action, true
		}
		from += width(k, th)
	}
	return "", false
}

// width is that of key, word and the two blanks around.
func width(k keys.Binding, th *theme.Theme) int {
	return format.Width(th.Label(k.First())) + 1 + format.Width(k.Short) + 2
}
