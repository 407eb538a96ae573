package eventlog

import (
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/layout"
	"wtptui/ui/search"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// entries are events, the newest last, of which one is selected.
type entries struct {
	theme  *theme.Theme
	events []engine.Event
	sel    table.Selection
	search search.Search
	now    time.Time
	// siteName returns the name of an event's site in at most w cells; nil in the log of one site, which does not show it.
	siteName func(host string, w int) string
}

// setEvents sets the events. If the last one was selected, the new last one is.
func (e *entries) setEvents(events []engine.Event, now time.Time) {
	atEnd := e.sel.Index() >= len(e.events)-1
	e.events, e.now = events, now
	if atEnd {
		e.SelectRow(len(events) - 1)
	}
	e.sel.Restore(len(events), e.keyAt)
	e.search.Invalidate()
}

func (e *entries) keyAt(i int) string { return strconv.FormatUint(e.events[i].Seq, 10) }

// selected returns the selected event, if there is any.
func (e *entries) selected() (*engine.Event, bool) {
	if i := e.sel.Index(); i >= 0 && i < len(e.events) {
		return &e.events[i], true
	}
	return nil, false
}

// RowCount, RowText, Index and SelectRow implement search.List.
func (e *entries) RowCount() int { return len(e.events) }

// RowText returns the text of an event, with the name and the host of its site.
func (e *entries) RowText(i int) string {
	ev := &e.events[i]
	text := string(ev.Kind) + "\n" + format.Text(ev.Text)
	if e.siteName != nil && ev.Host != "" {
		text += "\n" + e.siteName(ev.Host, nameWidth) + "\n" + ev.Host
	}
	return text
}

// nameWidth is the widest that a site's name is in the log, in cells.
const nameWidth = 40

// Index returns the selected event's row.
func (e *entries) Index() int { return e.sel.Index() }

// SelectRow selects the event at row i.
func (e *entries) SelectRow(i int) { e.sel.SelectRow(i, len(e.events), e.keyAt) }

// Search returns the search in the log.
func (e *entries) Search() *search.Search { return e.search.Attach(e, e.theme) }

// clickRow selects the event at line y below the header.
func (e *entries) clickRow(y int) bool {
	i, ok := e.sel.RowAt(y, len(e.events))
	if ok {
		e.SelectRow(i)
	}
	return ok
}

// draw draws the table in w by h cells, and below it the whole text of the selected event. clock formats an event's
// time, and site is the width of the column of sites, 0 for none.
func (e *entries) draw(w, h, site int, focus table.Focus, clock func(t, now time.Time) string) string {
	t := &table.Table{
		Columns:  []table.Column{{Title: "Time", Width: 8}, {Title: "What", Width: 11}},
		RowCount: len(e.events), Gutter: 2, Focus: focus, Query: e.search.Query(), Theme: e.theme,
	}
	room := w - 2 - 8 - 1 - 11 - 1
	if site > 0 {
		t.Columns = append(t.Columns, table.Column{Title: "Site", Width: site})
		room -= site + 1
	}
	room = max(room, 10)
	t.Columns = append(t.Columns, table.Column{Title: "Details", Width: room})
	t.Row = func(i int, out []table.Cell) {
		ev := &e.events[i]
		kind, style := kindText(ev, e.theme)
		out[0] = table.Cell{Text: clock(ev.At.Std(), e.now), Style: e.theme.Dim}
		out[1] = table.Cell{Text: kind, Style: style}
		if site > 0 && ev.Host != "" {
			out[2] = table.Cell{Text: e.siteName(ev.Host, site), Style: e.theme.Strong}
		}
		if ev.Text != string(ev.Kind) { // "added: added" says nothing.
			out[len(out)-1] = table.Cell{Text: format.Text(ev.Text), Style: style}
		}
	}
	var below []string
	if ev, ok := e.selected(); ok {
		below = selectedText(ev, room, w, h, e.theme)
	}
	var b strings.Builder
	b.WriteString(layout.Block(t.View(w, h-len(below), &e.sel), w, h-len(below)))
	for _, l := range below {
		b.WriteString("\n" + e.search.Query().Mark(l, e.theme, ""))
	}
	return b.String()
}
