// Package table draws lists of any length: only the rows that are on the screen are made. Each cell has a style of its
// own, the header stays where it is, and the selection is a key (a host, an address, a path), never a row number, so
// that it survives any new order.
//
// It must not know what the rows are. Start with Table in table.go and Selection in selection.go.
package table
