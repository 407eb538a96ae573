package requests

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/rows"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// slowWait is the wait for a first byte from which on it is called slow.
const slowWait = 500 * time.Millisecond

// Pane is the list of requests, newest first.
type Pane struct {
	rows.List[engine.Request]
	keys *keys.Map
	ref  string
	now  time.Time
	// missingText is what the page that was served last lacks, and how to load it again; pageURL is its address.
	missingText, pageURL string
	listTop              int // the lines above the list when it was last drawn
}

// New returns an empty list.
func New(th *theme.Theme, km *keys.Map) *Pane {
	p := &Pane{keys: km}
	p.Theme = th
	p.Empty = "No browser has requested anything yet: open the site in one."
	p.Key = func(r *engine.Request) string {
		return strconv.FormatInt(r.At.Std().UnixNano(), 36) + r.Path
	}
	p.Columns = []rows.Column[engine.Request]{
		{Title: "Time", Width: 8, Rank: 3, Cell: func(r *engine.Request) table.Cell {
			return table.Cell{Text: format.Clock(r.At.Std(), p.now), Style: th.Dim}
		}},
		{Title: "Method", Width: 6, Rank: 5, Cell: func(r *engine.Request) table.Cell {
			return table.Cell{Text: format.Text(r.Method), Style: th.Dim}
		}},
		{
			Title: "Path", Width: 28, Min: 14, Max: 90,
			Cell: func(r *engine.Request) table.Cell { return table.Cell{Text: format.Text(r.Path)} },
		},
		{Title: "Status", Width: 6, Right: true, Searchable: true, Cell: p.statusCell},
		{
			Title: "Bytes", Width: 7, Rank: 2, Right: true,
			Cell: func(r *engine.Request) table.Cell { return table.Cell{Text: format.Bytes(r.Bytes)} },
		},
		{Title: "Wait", Width: 8, Right: true, Cell: p.waitCell},
		{Title: "Took", Width: 8, Rank: 4, Right: true, Cell: func(r *engine.Request) table.Cell {
			return table.Cell{Text: format.Elapsed(time.Duration(r.Took)), Style: th.Dim}
		}},
		{Title: "Pieces", Width: 6, Right: true, Cell: func(r *engine.Request) table.Cell {
			if r.Pieces == 0 {
				return table.Cell{Text: "0", Style: th.Dim}
			}
			return table.Cell{Text: format.Count(r.Pieces), Style: th.Progress}
		}},
		{Title: "Waited for", Width: 21, Min: 10, Max: 90, Rank: 1, Cell: func(r *engine.Request) table.Cell {
			return table.Cell{Text: format.Text(strings.Join(r.From, " ")), Style: th.Dim}
		}},
	}
	return p
}

// Name returns the name of the tab.
func (*Pane) Name() string { return "Requests" }

// Set sets the requests of a site. If the newest one was selected, the new newest one is.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	newest := p.Index() == 0 || d.Site.Ref() != p.ref
	p.ref, p.now = d.Site.Ref(), now
	p.missingText, p.pageURL = "", d.Site.MissingPageURL()
	if d.Site.MissingParts > 0 {
		p.missingText = "⚠ " + format.Plural(d.Site.MissingParts, "part") + " of " + format.Text(d.Site.MissingPage) +
			" did not come in time"
		if key := p.keys.FirstKey(keys.Open); key != "" && p.pageURL != "" {
			p.missingText += ": " + key + " opens it again"
		}
	}
	p.SetItems(d.Requests)
	if newest {
		p.SelectRow(0)
	}
}

// URL returns the address of the page that lacks something.
func (p *Pane) URL() (string, bool) { return p.pageURL, p.pageURL != "" }

// ClickRow selects the request at line y of the pane.
func (p *Pane) ClickRow(y int) bool { return y >= p.listTop && p.List.ClickRow(y-p.listTop) }

// View draws what the page that was served last lacks, and below it the list.
func (p *Pane) View(w, h int) string {
	p.listTop = 0
	if p.missingText == "" || h < 4 {
		return p.drawList(w, h)
	}
	p.listTop = 1
	return p.Theme.Warn.Render(format.Cut("  "+p.missingText, w)) + "\n" + p.drawList(w, h-1)
}

// drawList draws the list, and below it what the selected request waited for.
func (p *Pane) drawList(w, h int) string {
	r, ok := p.Selected()
	if !ok || h < 8 {
		return p.List.View(w, h)
	}
	lines := p.explainLines(r, w)
	return p.ViewAbove(w, h, append([]string{""}, lines[:min(len(lines), h/3)]...))
}

// explainLines returns sentences of lines of at most w cells about why the request took as long as it did.
func (p *Pane) explainLines(r *engine.Request, w int) []string {
	th := p.Theme
	wait, took := time.Duration(r.Wait), time.Duration(r.Took)
	path := format.Cut(format.Text(r.Method+" "+r.Path), max(w-4, 10))
	var why string
	st := th.Dim
	switch {
	case r.Status >= 500:
		why, st = fmt.Sprintf("✗ It failed with %d after %s: the log says why.", r.Status, format.Elapsed(took)), th.Bad
	case r.Pieces > 0 && wait >= slowWait:
		why, st = fmt.Sprintf("⚠ The first byte took %s, because %s had to come from the swarm first", format.Elapsed(wait),
			format.Plural(r.Pieces, "piece")), th.Warn
	case r.Pieces > 0:
		why = fmt.Sprintf("%s came from the swarm while it was answered", format.Plural(r.Pieces, "piece"))
	case wait >= slowWait:
		why, st = fmt.Sprintf("⚠ The first byte took %s, though all of it was here: the disk or this computer was busy.",
			format.Elapsed(wait)), th.Warn
	case r.Status == 304:
		why = "The browser had it already."
	default:
		why = "All of it was here: there was nothing to wait for."
	}
	if r.Pieces > 0 && r.Status < 500 {
		why += p.peersText(r)
	}
	times := format.Cut(p.timesText(r), max(w-4-format.Width(path), 0))
	head := "  " + th.Strong.Render(path) + th.Dim.Render(times)
	return append([]string{head}, layout.Paragraph(why, w, st)...)
}

func (p *Pane) peersText(r *engine.Request) string {
	if len(r.From) == 0 {
		return "."
	}
	return ": from " + format.Text(strings.Join(r.From, ", ")) + "."
}

func (p *Pane) timesText(r *engine.Request) string {
	took, wait := format.Elapsed(time.Duration(r.Took)), format.Elapsed(time.Duration(r.Wait))
	return fmt.Sprintf("   %s in %s, the first byte after %s", format.Bytes(r.Bytes), took, wait)
}

func (p *Pane) statusCell(r *engine.Request) table.Cell {
	c := table.Cell{Text: strconv.Itoa(r.Status)}
	switch {
	case r.Status >= 500:
		c.Text, c.Style = "✗ "+c.Text, p.Theme.Bad
	case r.Status >= 400:
		c.Style = p.Theme.Warn
	case r.Status >= 300:
		c.Style = p.Theme.Dim
	default:
		c.Style = p.Theme.Good
	}
	return c
}

func (p *Pane) waitCell(r *engine.Request) table.Cell {
	c := table.Cell{Text: format.Elapsed(time.Duration(r.Wait)), Style: p.Theme.Dim}
	if time.Duration(r.Wait) >= slowWait {
		c.Text, c.Style = "⚠ "+c.Text, p.Theme.Warn
	}
	return c
}
