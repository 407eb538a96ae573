// Package terminal renders documents as text for terminals: broken into lines of a given width, with aligned tables,
// and with bold text and colours if wanted.
//
// It knows the width of characters. It does not know the terminal itself: its caller says how wide that is and whether
// it has colours. Start with terminal.go.
package terminal
