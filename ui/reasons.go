package ui

import (
	"wtptui/engine"
	"wtptui/ui/keys"
)

// whyNot says why an action has nothing to do here and now; empty when it has. The footer leaves such actions out, and the
// palette says the reason.
func whyNot(sc *screen, b keys.Binding) string {
	s, selected := sc.target()
	switch {
	case b.Action == keys.Details && sc.page != nil:
		if !sc.page.Chooses() {
			return "nothing is selected here"
		}
	case b.Scope == keys.Verbs && !selected, b.Action == keys.Details && !selected:
		return "no site is selected"
	case b.Action == keys.Allow && s.ErrorKind != engine.TooLarge:
		return "the site was not refused for its size"
	case s.State == engine.Found && (b.Action == keys.Open || b.Action == keys.Touch || b.Action == keys.Evict):
		return "the site was found in the data folder: keep or remove it first"
	case b.Scope == keys.Find && searched(sc) == nil:
		return "there is nothing to be searched here"
	case (b.Action == keys.SortMenu || b.Scope == keys.Main && b.Action == keys.StartFind) && sc.list.Total() == 0:
		return "there are no sites yet"
	case b.Scope == keys.Main && b.Action == keys.StartFind && searched(sc) != nil:
		return "the inspector is searched"
	}
	return ""
}

// needsEngine reports whether an action asks the engine for something.
func needsEngine(b keys.Binding) bool {
	switch b.Action {
	case keys.Open, keys.ShowURL, keys.CopyURL, keys.CopyMenu:
		return false
	case keys.Add, keys.Publish, keys.Undo, keys.Redo, keys.Bin, keys.Limits:
		return true
	}
	return b.Scope == keys.Verbs
}
