// Package files is the pane of a site's files, as a tree with sizes and how much of each is here. It must not know the
// disk. Start with Pane; the tree is built in tree.go.
package files
