package peers

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/rows"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the list of peers.
type Pane struct {
	rows.List[engine.Peer]
	now time.Time
}

// New returns an empty list.
func New(th *theme.Theme) *Pane {
	p := &Pane{}
	p.Theme = th
	p.Empty = "No peer is connected."
	p.Key = func(q *engine.Peer) string { return q.Address }
	p.Columns = []rows.Column[engine.Peer]{
		{
			Title: "Address", Width: 21, Min: 15, Max: 39,
			Cell: func(q *engine.Peer) table.Cell { return table.Cell{Text: q.Address} },
		},
		{
			Title: "Client", Width: 17, Min: 7, Max: 33,
			Cell: func(q *engine.Peer) table.Cell { return p.dimCell(format.Text(q.Client)) },
		},
		{Title: "Via", Width: 7, Cell: func(q *engine.Peer) table.Cell { return p.viaCell(q.Via) }},
		{Title: "Flags", Width: 5, Rank: 1, Cell: func(q *engine.Peer) table.Cell { return p.dimCell(flagsText(q)) }},
		{
			Title: "Done", Width: 4, Right: true,
			Cell: func(q *engine.Peer) table.Cell { return table.Cell{Text: format.Percent(q.Done)} },
		},
		{
			Title: "▼/s", Width: 6, Right: true,
			Cell: func(q *engine.Peer) table.Cell { return p.numberCell(q.DownRate, format.Rate) },
		},
		{
			Title: "▲/s", Width: 6, Right: true,
			Cell: func(q *engine.Peer) table.Cell { return p.numberCell(q.UpRate, format.Rate) },
		},
		{
			Title: "▼ all", Width: 7, Rank: 2, Right: true,
			Cell: func(q *engine.Peer) table.Cell { return p.numberCell(q.Downloaded, format.Bytes) },
		},
		{
			Title: "▲ all", Width: 7, Rank: 2, Right: true,
			Cell: func(q *engine.Peer) table.Cell { return p.numberCell(q.Uploaded, format.Bytes) },
		},
		{
			Title: "Since", Width: 5, Rank: 3, Right: true,
			Cell: func(q *engine.Peer) table.Cell { return p.dimCell(format.Duration(p.now.Sub(q.Since.Std()))) },
		},
		{
			Title: "Found by", Width: 8, Rank: 4,
			Cell: func(q *engine.Peer) table.Cell { return p.dimCell(format.Text(q.Source)) },
		},
	}
	return p
}

// Name returns the name of the tab.
func (*Pane) Name() string { return "Peers" }

// Set sets the peers of a site, those that have been connected longest first, so that the order does not change with
// their rates.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	p.now = now
	peers := slices.Clone(d.Peers)
	slices.SortFunc(peers, func(a, b engine.Peer) int {
		return cmp.Or(a.Since.Std().Compare(b.Since.Std()), strings.Compare(a.Address, b.Address))
	})
	p.SetItems(peers)
}

// View draws the list, and below it what the flags mean if they are shown and there is room.
func (p *Pane) View(w, h int) string {
	if p.Count() == 0 || h < 12 || !p.HasRoomFor("Flags", w) {
		return p.List.View(w, h)
	}
	legend := "  D we want  U it wants  c it chokes us  I incoming  E encrypted"
	return p.ViewAbove(w, h, []string{p.Theme.Dim.Render(format.Cut(legend, w))})
}

// viaCell distinguishes browsers, which no other torrent client has as peers.
func (p *Pane) viaCell(v engine.Via) table.Cell {
	c := table.Cell{Text: format.Text(string(v))}
	if v == engine.WebRTC {
		c.Style = p.Theme.Mine
	}
	return c
}

func (p *Pane) dimCell(s string) table.Cell { return table.Cell{Text: s, Style: p.Theme.Dim} }

func (p *Pane) numberCell(n int64, text func(int64) string) table.Cell {
	if n == 0 {
		return p.dimCell("0")
	}
	return table.Cell{Text: text(n)}
}

// flagsText returns five columns, so that a flag is always in the same one.
func flagsText(q *engine.Peer) string {
	b := make([]byte, 0, 5)
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
