// Package keys is the one table of keys: what each does, where it works, and what the footer and the help say about
// it. The dispatcher, the footer, the help and the README's table all read it, so they cannot disagree.
//
// It must not know panes or the engine: an Action is only a name. Start with Table in table.go.
package keys
