// Package markdown reads documents out of Markdown: CommonMark with tables.
//
// It is not linked into wtptui, whose start the parser would delay: the texts are read when they are changed, by the
// tests of the package docs, and by the program that writes them as a site. Start with markdown.go.
package markdown
