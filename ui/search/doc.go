// Package search finds text in the rows of any list: a search starts with the first letter typed after "/", n and N go
// from match to match, and each match is underlined.
//
// It must not know what the rows are: a pane provides them as a List. Start with Search in search.go; how text is
// compared is in query.go.
package search
