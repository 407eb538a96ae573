// Package markdown parses Markdown (CommonMark with tables) into documents.
//
// It is not linked into wtptui, whose start the parser would delay: texts are parsed when they are changed, by the
// tests of the package docs, and by the program that writes the site. Start with markdown.go.
package markdown
