// Package files is the pane of a site's files, as a tree with sizes and what is there of each. It must not know the
// disk. Start with Pane; the tree is in tree.go.
package files
