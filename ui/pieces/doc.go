// Package pieces is the pane of a site's pieces: a grid of which are here, loading and missing, and how many peers have
// them. It must not know the disk. Start with Pane; how pieces are spread over cells is in grid.go.
package pieces
