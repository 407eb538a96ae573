package peers

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the list of peers.
type Pane struct {
	Theme   *theme.Theme
	focused bool
	peers   []engine.Peer
	sel     table.Selection
	now     time.Time
}

// Name is the tab's.
func (*Pane) Name() string { return "Peers" }

// Count is for the tab.
func (p *Pane) Count() int { return len(p.peers) }

// Focus says whether keys move in this pane.
func (p *Pane) Focus(on bool) { p.focused = on }

// Set takes the peers of a site, those that have been here longest first: the order does not change with their rates.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	p.now = now
	p.peers = slices.Clone(d.Peers)
	slices.SortFunc(p.peers, func(a, b engine.Peer) int {
		return cmp.Or(a.Since.Std().Compare(b.Since.Std()), strings.Compare(a.Address, b.Address))
	})
	p.sel.Keep(len(p.peers), p.keyAt)
}

// Handle moves the selection.
func (p *Pane) Handle(a keys.Action) bool { return p.sel.Move(a, len(p.peers), p.keyAt) }

func (p *Pane) keyAt(i int) string { return p.peers[i].Address }

// View draws the list, and under it what the flags mean when there is room.
func (p *Pane) View(w, h int) string {
	if len(p.peers) == 0 {
		return "  " + p.Theme.Dim.Render(format.Cut("No peer is connected.", w-2))
	}
	if h < 12 {
		return p.table(w).View(w, h, &p.sel)
	}
	out := p.table(w).View(w, h-1, &p.sel)
	legend := "  D we ask  U it asks  c we are choked  I it came to us  E encrypted"
	return out + strings.Repeat("\n", h-1-strings.Count(out, "\n")) + p.Theme.Dim.Render(format.Cut(legend, w))
}

// field is a column with what stands in it.
type field struct {
	table.Column
	cell func(*engine.Peer) table.Cell
}

func (p *Pane) table(w int) *table.Table {
	fields := []field{
		{table.Column{Title: "Address", Width: 21}, func(q *engine.Peer) table.Cell { return table.Cell{Text: q.Address} }},
		{table.Column{Title: "Client", Width: 17}, func(q *engine.Peer) table.Cell { return p.quiet(format.Text(q.Client)) }},
		{table.Column{Title: "Via", Width: 6}, func(q *engine.Peer) table.Cell { return table.Cell{Text: string(q.Via)} }},
		{table.Column{Title: "Done", Width: 4, Right: true}, func(q *engine.Peer) table.Cell { return table.Cell{Text: format.Percent(q.Done)} }},
		{table.Column{Title: "▼/s", Width: 6, Right: true}, func(q *engine.Peer) table.Cell { return p.number(q.DownRate, format.Rate) }},
		{table.Column{Title: "▲/s", Width: 6, Right: true}, func(q *engine.Peer) table.Cell { return p.number(q.UpRate, format.Rate) }},
	}
	// The rest is shown as far as there is room for it.
	for _, f := range []field{
		{table.Column{Title: "Flags", Width: 5}, func(q *engine.Peer) table.Cell { return p.quiet(flags(q)) }},
		{table.Column{Title: "▼ all", Width: 8, Right: true}, func(q *engine.Peer) table.Cell { return p.number(q.Downloaded, format.Bytes) }},
		{table.Column{Title: "▲ all", Width: 8, Right: true}, func(q *engine.Peer) table.Cell { return p.number(q.Uploaded, format.Bytes) }},
		{table.Column{Title: "Since", Width: 5, Right: true}, func(q *engine.Peer) table.Cell { return p.quiet(format.Span(p.now.Sub(q.Since.Std()))) }},
		{table.Column{Title: "Found by", Width: 8}, func(q *engine.Peer) table.Cell { return p.quiet(q.Source) }},
	} {
		if total(fields)+1+f.Width <= w {
			fields = append(fields, f)
		}
	}
	// The client gives when there is too little room; it and the address take what is left over.
	fields[1].Width += max(min(w-total(fields), 4), -10)
	fields[0].Width += max(min(w-total(fields), 18), -6)
	fields[1].Width += max(min(w-total(fields), 12), 0)
	t := &table.Table{Rows: len(p.peers), Gutter: 2, Focus: table.Focused(p.focused), Theme: p.Theme}
	for _, f := range fields {
		t.Columns = append(t.Columns, f.Column)
	}
	t.Row = func(i int, out []table.Cell) {
		for j, f := range fields {
			out[j] = f.cell(&p.peers[i])
		}
	}
	return t
}

func total(fields []field) int {
	n := 1 // the gutter, less the blank after the last column
	for _, f := range fields {
		n += f.Width + 1
	}
	return n
}

func (p *Pane) quiet(s string) table.Cell { return table.Cell{Text: s, Style: p.Theme.Dim} }

func (p *Pane) number(n int64, text func(int64) string) table.Cell {
	if n == 0 {
		return p.quiet("0")
	}
	return table.Cell{Text: text(n)}
}

// flags writes five places, so that a flag always stands in the same one.
func flags(q *engine.Peer) string {
	b := []byte("·····"[:0])
	for _, f := range []struct {
		on bool
		c  byte
	}{{q.Interested, 'D'}, {q.PeerInterested, 'U'}, {q.PeerChoking, 'c'}, {q.Incoming, 'I'}, {q.Encrypted, 'E'}} {
		if !f.on {
			f.c = ' '
		}
		b = append(b, f.c)
	}
	return string(b)
}
