// Package confirm is the window that asks before something that cannot be undone. The marked answer is No at first.
// Start with Pane.
package confirm
