// Package help is the window of keys, generated from the key table. Start with Pane.
package help
