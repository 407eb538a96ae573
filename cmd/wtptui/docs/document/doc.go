// Package document is what a text of the documentation consists of: headings, paragraphs, lists, tables, code. The
// package markdown reads it, and those for terminals and man pages write it.
//
// It knows no topic, no output and no command line. Start with document.go.
package document
