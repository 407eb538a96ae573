// Package help is the window that lists the keys, generated from the key table. Start with Pane.
package help
