package files

import (
	"path"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the tree of files.
type Pane struct {
	Theme   *theme.Theme
	focused bool
	files   []engine.File
	rows    []node
	sel     table.Selection
}

// Name is the tab's.
func (*Pane) Name() string { return "Files" }

// Count is for the tab.
func (p *Pane) Count() int { return len(p.files) }

// Focus says whether keys move in this pane.
func (p *Pane) Focus(on bool) { p.focused = on }

// Set takes the files of a site. The tree is made anew only when there are others than before: it is the same in every
// second of a download.
func (p *Pane) Set(d engine.Detail, _ time.Time) {
	same := slices.EqualFunc(d.Files, p.files, func(a, b engine.File) bool { return a.Path == b.Path && a.URL == b.URL })
	p.files = d.Files
	if same {
		measure(p.rows, p.files)
		return
	}
	p.rows = tree(d.Files)
	p.sel.Keep(len(p.rows), p.keyAt)
}

// Handle moves the selection.
func (p *Pane) Handle(a keys.Action) bool { return p.sel.Move(a, len(p.rows), p.keyAt) }

// URL is the local address of the selected file; none for a folder.
func (p *Pane) URL() (string, bool) {
	if i := p.sel.Index(); i < len(p.rows) && p.rows[i].url != "" {
		return p.rows[i].url, true
	}
	return "", false
}

func (p *Pane) keyAt(i int) string { return p.rows[i].path }

// View draws the tree.
func (p *Pane) View(w, h int) string {
	if len(p.rows) == 0 {
		return "  " + p.Theme.Dim.Render(format.Cut("The list of files has not arrived yet.", w-2))
	}
	const fixed = 2 + 1 + 6 + 1 + 8 + 1 + 5 + 1 + 10
	t := &table.Table{
		Columns: []table.Column{
			{Title: "Path", Width: max(w-fixed, 10)},
			{Title: "Type", Width: 6},
			{Title: "Size", Width: 8, Right: true},
			{Title: "Done", Width: 5, Right: true},
			{Width: 10},
		},
		Rows: len(p.rows), Gutter: 2, Focus: table.Focused(p.focused), Theme: p.Theme, Row: p.row,
	}
	return t.View(w, h, &p.sel)
}

func (p *Pane) row(i int, out []table.Cell) {
	n := &p.rows[i]
	part := 1.0
	if n.size > 0 {
		part = float64(n.done) / float64(n.size)
	}
	name := table.Cell{Text: strings.Repeat("  ", min(n.depth, 12)) + format.Text(n.name)}
	bar := table.Cell{Text: format.Gauge(part, 10), Style: p.Theme.Good}
	if part < 1 {
		bar.Style = p.Theme.Move
	}
	if n.file < 0 {
		name.Style, bar.Style = p.Theme.Accent, p.Theme.Dim
	}
	out[0] = name
	out[1] = table.Cell{Text: kind(n), Style: p.Theme.Dim}
	out[2] = table.Cell{Text: format.Bytes(n.size)}
	out[3] = table.Cell{Text: format.Percent(part)}
	out[4] = bar
}

// kind is the file's type as its name tells it.
func kind(n *node) string {
	if n.file < 0 {
		return ""
	}
	ext := path.Ext(n.name)
	if len(ext) < 2 || len(ext) > 7 {
		return ""
	}
	return strings.ToUpper(format.Text(ext[1:]))
}
