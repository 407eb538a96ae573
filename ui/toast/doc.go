// Package toast is the pane of the line above the footer: what has just happened, and what can be undone, and for how
// long. It must not know the engine. Start with Pane.
package toast
