// Package state stores how a person has set the screen up from one run to the next: view, order, columns, inspector,
// theme, mouse. It must not know the panes. For a file that cannot be read, or that a newer version wrote, the defaults
// are used. The first is overwritten by the next change, the second is left as it is. Start with Load.
package state
