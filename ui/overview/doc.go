// Package overview is the pane of everything about one site that is not a list. Start with Pane.
package overview
