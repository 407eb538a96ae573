// Package layout computes the geometry of the screen: where each pane is at which size, and how a window is drawn over
// it. It has only pure functions of sizes and text.
//
// It must not know what the panes show. Start with Compute in layout.go.
package layout
