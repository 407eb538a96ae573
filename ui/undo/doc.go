// Package undo holds what a person has done, and how each of it is undone and redone. It must not know the engine's
// methods, nor panes: an Entry is data that is stored in the state file, and Plan returns the requests that it stands
// for now.
//
// Start with NewEntry and Stack.
package undo
