// Package palette is the window in which everything is found by a few letters: actions, with their keys, sites, views,
// themes, settings and their values, labels and a person's own commands.
//
// It must not know what any of them does. Start with New; what matches, and in which order, is decided in match.go.
package palette
