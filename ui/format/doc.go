// Package format turns numbers, moments and foreign text into what stands in a cell of the screen, and is the only
// place that does: the same byte count reads the same everywhere.
//
// Everything here is a pure function of its arguments; the time of day is one of them. Widths are terminal cells. It
// must not know sites, themes or panes. Start with Bytes and Countdown in format.go and Fit in text.go.
package format
