// Package list is the pane of the main screen's table: which sites are shown (view, filter), in which order, which one
// is selected; and the line of views above it.
//
// It knows engine.Site values and shows them. It must not know the engine behind them. Start with Pane in list.go,
// which joins the types that each own one matter: arrangement (which sites are shown, in which order), Marks, cells
// (what stands in a row) and tabLine (the line of views).
package list
