// Package roff renders documents as the source of man pages, for man(7), which mandoc and groff read.
//
// It knows no page. Start with roff.go.
package roff
