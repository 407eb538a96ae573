// Package theme holds the look: colours by meaning (tokens), and the ASCII spelling of every sign that the screen
// uses. Panes ask for a token, never for a colour, and write Unicode; ASCII mode rewrites the finished frame.
//
// It must not know what is being shown. Start with Theme in theme.go.
package theme
