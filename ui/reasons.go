package ui

import (
	"iter"

	"wtptui/engine"
	"wtptui/ui/keys"
)

// unavailableReason returns why an action has no effect here and now; empty when it has one. The footer leaves such
// actions out, and the palette shows the reason.
func (sc *screen) unavailableReason(b keys.Binding) string {
	_, selected := sc.target()
	switch {
	case b.Action == keys.Details && sc.page != nil:
		if !sc.page.HasSelection() {
			return "nothing is selected here"
		}
	case b.Action == keys.Details && !selected, b.Scope == keys.Verbs && !sc.hasTarget():
		return "no site is selected"
	case b.Action == keys.Open:
		return openRefusal(sc.eachTarget())
	case b.Action == keys.PublicHome && !sc.anyHome():
		return "the site has no public home"
	case actionVerbs[b.Action].verb != "":
		return refusalOfAll(b.Action, sc.eachTarget())
	case b.Scope == keys.Search && sc.activeSearch() == nil:
		return "there is nothing to search here"
	case (b.Action == keys.SortMenu || b.Scope == keys.Main && b.Action == keys.StartSearch) && sc.list.Total() == 0:
		return "there are no sites yet"
	case b.Scope == keys.Main && b.Action == keys.StartSearch && sc.activeSearch() != nil:
		return "here the inspector is searched instead"
	}
	return ""
}

// openRefusal returns why none of the sites can be opened; empty if one can.
func openRefusal(sites iter.Seq[*engine.Site]) string {
	why := ""
	for s := range firstSites(sites, maxExamined) {
		if s.State != engine.Found {
			return ""
		}
		why = engine.Message(engine.FoundSiteError("", s.Host))
	}
	return why
}

// needsEngine reports whether an action needs the engine.
func needsEngine(b keys.Binding) bool {
	switch b.Action {
	case keys.Open, keys.ShowURL, keys.CopyURL, keys.CopyMenu:
		return false
	case keys.Add, keys.Publish, keys.Undo, keys.Redo, keys.Bin, keys.Limits:
		return true
	}
	return b.Scope == keys.Verbs
}
