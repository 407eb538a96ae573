// Package toast is the pane of the line above the footer: what has just happened, and what can still be undone with
// how long that is possible. It must not know the engine. Start with Pane.
package toast
