// Package layout is the geometry of the screen: which pane stands where at which size, and how a window lies on top of
// what is there. Pure functions of sizes and text.
//
// It must not know what the panes show. Start with Compute in layout.go.
package layout
