// Package keys is the one table of keys: what each does, where it works, and what the footer and the help say about
// it. The dispatcher, the footer, the help, the palette and the documentation all read it, so they cannot disagree.
//
// It must not know panes or the engine: an Action is only a name. Start with mainTable in table.go; what works on full
// pages is in pages.go, what works in windows in windows.go, and which scopes are in force together in scopes.go.
// A person's own keys make a Map of their own (remap.go).
package keys
