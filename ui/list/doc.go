// Package list is the pane of the main screen's table: which sites are shown (view, filter), in which order, which one
// is selected; and the line of views above it.
//
// It knows engine.Site values. It must not know the engine behind them. Start with Pane in list.go, which joins the
// types that have one task each: arrangement (which sites are shown, in which order), cursor (which one is selected),
// Marks, cells (the cells of a row) and tabLine (the line of views).
package list
