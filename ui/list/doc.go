// Package list is the pane of the main screen's table: which sites are shown (view, filter), in which order, which one
// is selected; and the line of views above it.
//
// It knows engine.Site values and shows them. It must not know the engine behind them. Start with Pane in list.go;
// what makes a row is in row.go, its order in order.go, and which sites are marked in marks.go.
package list
