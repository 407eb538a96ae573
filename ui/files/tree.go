package files

import (
	"slices"
	"strings"

	"wtptui/engine"
)

// node is a row of the tree: a file, or a folder with the sums of what is in it.
type node struct {
	path      string // a folder's ends in "/"
	name      string
	depth     int
	fileIndex int // its index among the site's files; -1 for a folder
	url       string
	size      int64
	done      int64
}

// doneRatio returns how much of it is here, from 0 to 1; 1 for an empty file.
func (n *node) doneRatio() float64 {
	if n.size <= 0 {
		return 1
	}
	return float64(n.done) / float64(n.size)
}

// buildTree returns the rows: the files sorted by path, each folder before its content.
func buildTree(files []engine.File) []node {
	order := make([]int, len(files))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return comparePaths(files[a].Path, files[b].Path) })
	rows := make([]node, 0, len(files)+16)
	var open []int // rows of the folders around the present file, outermost first
	for _, i := range order {
		f := &files[i]
		for len(open) > 0 && !strings.HasPrefix(f.Path, rows[open[len(open)-1]].path) {
			open = open[:len(open)-1]
		}
		at := 0
		if len(open) > 0 {
			at = len(rows[open[len(open)-1]].path)
		}
		for {
			slash := strings.IndexByte(f.Path[at:], '/')
			if slash < 0 {
				break
			}
			end := at + slash + 1
			rows = append(rows, node{path: f.Path[:end], name: f.Path[at:end], depth: len(open), fileIndex: -1})
			open = append(open, len(rows)-1)
			at = end
		}
		rows = append(rows, node{path: f.Path, name: f.Path[at:], depth: len(open), fileIndex: i, url: f.URL})
	}
	sumSizes(rows, files)
	return rows
}

// sumSizes updates sizes, those of folders included, in a tree whose paths have not changed.
func sumSizes(rows []node, files []engine.File) {
	var open []int // as in buildTree
	for i := range rows {
		r := &rows[i]
		open = open[:r.depth]
		if r.fileIndex < 0 {
			r.size, r.done = 0, 0
			open = append(open, i)
			continue
		}
		f := &files[r.fileIndex]
		r.size, r.done = f.Size, f.Completed
		for _, o := range open {
			rows[o].size += f.Size
			rows[o].done += f.Completed
		}
	}
}

// comparePaths orders paths as a tree, the files of a folder before its folders: a site's own pages come first.
func comparePaths(a, b string) int {
	common := 0 // where the part begins in which they differ
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			common = i + 1
		}
	}
	a, b = a[common:], b[common:]
	inA, inB := strings.IndexByte(a, '/'), strings.IndexByte(b, '/')
	switch {
	case inA < 0 && inB >= 0:
		return -1
	case inA >= 0 && inB < 0:
		return 1
	case inA >= 0:
		a, b = a[:inA], b[:inB]
	}
	return strings.Compare(a, b)
}
