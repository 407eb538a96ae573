// Package roff writes documents as the source of man pages, for man(7): it is what mandoc and groff read.
//
// It knows no page. Start with roff.go.
package roff
