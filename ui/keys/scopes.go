package keys

import "slices"

// Scopes.
const (
	Always Scope = "everywhere"  // also while typing
	Global Scope = "anywhere"    // unless something is being typed or asked
	Move   Scope = "lists"       // any list
	Main   Scope = "main screen" //
	Verbs  Scope = "a site"      // main screen and site page: the selected site, or on the main screen the marked ones
	Page   Scope = "site page"   //

	Search     Scope = "search"         // lists and texts other than the table of sites, which has its filter
	SearchText Scope = "search text"    // while what is searched for is being typed
	Filter     Scope = "filter"         // while the filter is being typed
	Prompt     Scope = "add prompt"     //
	Confirm    Scope = "question"       //
	Notice     Scope = "address window" //
	Help       Scope = "help"           //
	Menu       Scope = "menu"           // sort, copy, limits, saved views
	Columns    Scope = "columns"        //
	Settings   Scope = "settings"       //
	Events     Scope = "event log"      //
	BinList    Scope = "bin"            //
	LabelList  Scope = "labels"         //
	Palette    Scope = "palette"        //
	Entry      Scope = "entry"          // one line that is being typed: a limit, the name of a view
)

// Stacks returns the scopes that are in force together, by situation, inner ones first. No key may mean two things in
// one situation.
func Stacks() map[string][]Scope {
	return map[string][]Scope{
		"main":      {Main, Verbs, Move, Global, Always},
		"inspector": {Search, Main, Verbs, Move, Global, Always}, // the main screen while its inspector has the keys
		"page":      {Page, Search, Verbs, Move, Global, Always},
		"searching": {SearchText, Always},
		"filter":    {Filter, Always},
		"prompt":    {Prompt, Always},
		"confirm":   {Confirm, Always},
		"notice":    {Notice, Always},
		"help":      {Help, Search, Move, Always},
		"menu":      {Menu, Move, Always},
		"columns":   {Columns, Move, Always},
		"settings":  {Settings, Search, Move, Always},
		"events":    {Events, Search, Move, Always},
		"bin":       {BinList, Search, Move, Always},
		"labels":    {LabelList, Always},
		"palette":   {Palette, Always},
		"entry":     {Entry, Always},
		"folder":    {Folder, Always},
		"check":     {Check, Move, Always},
		"review":    {Review, Move, Always},
		"working":   {Working, Always},
		"live":      {Live, Move, Always},
	}
}

// Remappable reports whether config.toml may change the keys of a scope. Those of windows are fixed, so that nobody can
// lock themselves into one.
func Remappable(s Scope) bool {
	switch s {
	case Always, Global, Move, Search, Main, Verbs, Page:
		return true
	}
	return false
}

// Typing reports whether text is being typed in a situation, so that a key without a binding is a letter of it.
func Typing(situation string) bool {
	stack := Stacks()[situation]
	return len(stack) > 0 &&
		slices.Contains([]Scope{Filter, SearchText, Prompt, Palette, LabelList, Entry, Folder}, stack[0])
}

// OnlyNavigates reports whether a binding changes nothing but what is shown: it moves, opens a window, or starts
// typing. A binding that acts on sites, marks them or leaves the program does not.
func (b Binding) OnlyNavigates() bool {
	switch b.Scope {
	case Move, Search, Always:
		return true
	case Main, Page, Global:
		return !slices.Contains([]Action{
			Undo, Redo, StopEngine, Leave, Details, Mark, MarkRange, MarkAll, InvertMark,
		}, b.Action)
	}
	return false
}
