// Package palette is the window in which everything is found by a few letters: actions, with the keys that do them at
// once, sites, views, themes, settings and their values, labels and commands of one's own.
//
// It must not know what any of them does. Start with New; what matches, and in which order, is in match.go.
package palette
