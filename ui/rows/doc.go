// Package rows is the common part of all lists about one site: items of one kind as the rows of a table, one of them
// selected, whose less important columns are left out when there is no room. It must not know the items. Start with
// List; which columns fit is decided in fit.go.
package rows
