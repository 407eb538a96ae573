// Package prompt is the window in which an address is typed or pasted. It checks what is typed against the contract's
// grammar and must not know the engine. Start with Pane.
package prompt
