// Package state keeps how a person has set the screen up from one run to the next: view, order, columns, inspector,
// theme, mouse. It must not know the panes. A file that cannot be read, or that a newer version wrote, means the
// defaults; the first is replaced by the next change, the second is left alone. Start with Load.
package state
