package files

import (
	"maps"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/rows"
	"wtptui/ui/search"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the tree of files.
type Pane struct {
	rows.List[node]
	ref    string
	files  []engine.File
	all    []node
	folded map[string]bool // paths of the folders whose content is not shown
}

// New returns an empty tree.
func New(th *theme.Theme) *Pane {
	p := &Pane{folded: map[string]bool{}}
	p.Theme = th
	p.SelectRow(-1)
	p.Empty = "The list of files has not arrived yet."
	p.Key = func(n *node) string { return n.path }
	p.Columns = []rows.Column[node]{
		{Title: "Path", Width: 40, Min: 20, Max: 300, Cell: p.nameCell},
		{
			Title: "Type", Width: 22, Min: 10, Rank: 1,
			Cell: func(n *node) table.Cell { return table.Cell{Text: mediaType(n), Style: p.Theme.Dim} },
		},
		{
			Title: "Size", Width: 8, Right: true,
			Cell: func(n *node) table.Cell { return table.Cell{Text: format.Bytes(n.size)} },
		},
		{
			Title: "Done", Width: 5, Right: true,
			Cell: func(n *node) table.Cell { return table.Cell{Text: format.Percent(n.doneRatio())} },
		},
		{Width: 10, Rank: 2, Cell: p.gaugeCell}, // It goes first: it says what Done does.
	}
	return p
}

// Name returns the name of the tab.
func (*Pane) Name() string { return "Files" }

// Count returns the number of files, for the tab.
func (p *Pane) Count() int { return len(p.files) }

// Set sets the files of a site. The tree is built anew only when the files have changed: it is the same in every second
// of a download.
func (p *Pane) Set(d engine.Detail, _ time.Time) {
	if d.Site.Ref() != p.ref {
		p.ref = d.Site.Ref()
		clear(p.folded)
		p.SelectRow(-1) // Nothing is opened or folded that nobody has chosen.
	}
	same := slices.EqualFunc(d.Files, p.files, func(a, b engine.File) bool { return a.Path == b.Path && a.URL == b.URL })
	p.files = d.Files
	if same {
		sumSizes(p.all, p.files)
	} else {
		p.all = buildTree(d.Files)
	}
	p.updateRows()
}

// updateRows shows the tree without what is in folded folders.
func (p *Pane) updateRows() {
	if len(p.folded) == 0 {
		p.SetItems(p.all)
		return
	}
	var shown []node
	under := "" // the folded folder that is being left out
	for _, n := range p.all {
		if under != "" && strings.HasPrefix(n.path, under) {
			continue
		}
		under = ""
		if n.fileIndex < 0 && p.folded[n.path] {
			under = n.path
		}
		shown = append(shown, n)
	}
	p.SetItems(shown)
}

// Handle moves the selection, and folds or unfolds a folder.
func (p *Pane) Handle(a keys.Action) bool {
	n, ok := p.Selected()
	if a != keys.Details || !ok || n.fileIndex >= 0 {
		return p.List.Handle(a)
	}
	if p.folded[n.path] {
		delete(p.folded, n.path)
	} else {
		p.folded[n.path] = true
	}
	p.updateRows()
	return true
}

// Search returns the search in the tree, which finds files in folded folders too.
func (p *Pane) Search() *search.Search { return p.List.Search().Attach(p, p.Theme) }

// RowCount returns the number of files and folders, including those in folded folders.
func (p *Pane) RowCount() int { return len(p.all) }

// RowText returns the name of a file or folder; for a search text with a slash the whole path.
func (p *Pane) RowText(i int) string {
	if strings.Contains(p.Query().Text(), "/") {
		return format.Text(p.all[i].path)
	}
	return format.Text(p.all[i].name)
}

// Index returns the selected file or folder; -1 when none is.
func (p *Pane) Index() int {
	n, ok := p.Selected()
	if !ok {
		return -1
	}
	return slices.IndexFunc(p.all, func(m node) bool { return m.path == n.path })
}

// SelectRow selects a file or folder, and unfolds the folders that it is in; none for a negative i.
func (p *Pane) SelectRow(i int) {
	if i < 0 {
		p.List.SelectRow(-1)
		return
	}
	path := p.all[i].path
	before := len(p.folded)
	maps.DeleteFunc(p.folded, func(folder string, _ bool) bool {
		return folder != path && strings.HasPrefix(path, folder)
	})
	if len(p.folded) != before {
		p.updateRows()
	}
	p.List.SelectRow(slices.IndexFunc(p.Items(), func(m node) bool { return m.path == path }))
}

// URL returns the local address of the selected file, and false for a folder.
func (p *Pane) URL() (string, bool) {
	n, ok := p.Selected()
	if !ok || n.url == "" {
		return "", false
	}
	return n.url, true
}

func (p *Pane) nameCell(n *node) table.Cell {
	c := table.Cell{Text: strings.Repeat("  ", min(n.depth, 12)) + format.Text(n.name)}
	if n.fileIndex < 0 {
		c.Style = p.Theme.Accent
		if p.folded[n.path] {
			c.Text += " …"
		}
	}
	return c
}

func (p *Pane) gaugeCell(n *node) table.Cell {
	c := table.Cell{Text: format.Gauge(n.doneRatio(), 10), Style: p.Theme.Good}
	switch {
	case n.fileIndex < 0:
		c.Style = p.Theme.Dim
	case n.doneRatio() < 1:
		c.Style = p.Theme.Progress
	}
	return c
}
