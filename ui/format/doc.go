// Package format turns numbers, times and foreign text into what a cell of the screen shows, and is the only place that
// does: the same byte count reads the same everywhere.
//
// Everything here is a pure function of its arguments; the current time is one of them. Widths are in terminal cells.
// It must not know sites, themes or panes. Start with Bytes and Countdown in format.go and Fit in text.go.
package format
