// Package terminal writes documents as text for terminals: broken into lines of a width, with aligned tables, in bold
// and colour if that is wanted.
//
// It knows the width of characters. It does not know the terminal itself: its caller says how wide that is and whether
// it has colours. Start with terminal.go.
package terminal
