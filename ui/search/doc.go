// Package search finds text in the rows of any list: what is typed after "/" is looked for at once, n and N go from
// match to match, and each match is underlined where it stands.
//
// It must not know what the rows are: a pane gives them as a List. Start with Search in search.go; how text is compared
// is in query.go.
package search
