// Package keys is the one table of keys: what each does, where it works, and its texts in footer and help. The
// dispatcher, the footer, the help, the palette and the documentation all read it, so they cannot disagree.
//
// It must not know panes or the engine: an Action is only a name. Start with mainTable in table.go; the keys of full
// pages are in pages.go, those of windows in windows.go, and which scopes are in force together in scopes.go. A
// person's own keys are a Map of their own (remap.go).
package keys
