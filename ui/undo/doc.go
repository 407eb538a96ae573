// Package undo knows what a person has done, how each of it is taken back, and how it is done again. It must not know
// the engine's methods, nor panes: an Entry is data, which is kept in the state file, and Plan says which requests it
// comes to now.
//
// Start with NewEntry, which makes an Entry, and Stack.
package undo
