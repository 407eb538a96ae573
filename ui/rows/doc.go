// Package rows is what all lists about one site have in common: items of one kind as the rows of a table, one of them
// selected, whose less important columns go when there is no room. It must not know the items. Start with List; which
// columns fit is decided in fit.go.
package rows
