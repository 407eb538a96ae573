// Package theme defines how the screen looks: colours by meaning (tokens), and the ASCII spelling of every sign that
// the screen uses. Panes use a token, never a colour, and write Unicode; ASCII mode rewrites the finished frame.
//
// It must not know what is being shown. Start with Theme in theme.go.
package theme
