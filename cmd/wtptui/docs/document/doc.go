// Package document is the structure of a text of the documentation: headings, paragraphs, lists, tables, code. The
// package markdown parses documents, and packages for terminals and man pages render them.
//
// It knows no topic, no output and no command line. Start with document.go.
package document
