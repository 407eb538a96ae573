package overview

import (
	"fmt"
	"strings"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// head writes what the site is called and how it is.
func (p *Pane) head(b *lines) {
	s := p.d.Site
	st := badge.Of(s, p.Theme)
	state := st.Style.Render(st.Text())
	if s.State == engine.Downloading || s.Checking {
		state += fmt.Sprintf("  %s of %s", format.Bytes(s.Completed), format.Bytes(s.Size))
	}
	b.row("State", state)
	if choices := badge.Choices(s, p.Keys); choices != "" {
		b.long("", choices, p.Theme.Warn)
	}
	switch text, bad := badge.Problem(s); {
	case bad:
		b.long("", "✗ "+format.Text(text), p.Theme.Bad)
	case text != "" && text != engine.FoundAwaiting: // The choices say it better.
		b.long("", format.Text(text), p.Theme.Dim)
	}
	if s.MissingParts > 0 {
		b.long("", "⚠ "+badge.Missing(s)+" "+format.Text(s.MissingPage), p.Theme.Warn)
	}
	if s.Title != "" {
		b.long("Title", format.Text(s.Title), "")
	}
	b.address("Address", s.URL)
	b.address("Local", s.LocalURL)
	b.address("Infohash", s.Infohash)
}

// body writes what there is of it.
func (p *Pane) body(b *lines) {
	s := p.d.Site
	b.row("Size", p.size())
	b.row("Pieces", p.pieces(b.room()))
	b.row("Kept", p.kept())
	b.row("Opened", format.Ago(s.LastOpen.Std(), p.now)+p.Theme.Dim.Render("   added "+format.Day(s.AddedAt.Std(), p.now)))
	clearnet := "○ open: its pages may ask other servers"
	if s.NoClearnet {
		clearnet = p.Theme.Warn.Render("● closed") + ": its pages may ask no other server"
	}
	b.choice("Clearnet", clearnet, SiteAction{Clearnet: true})
	if !p.d.CheckedAt.IsZero() {
		b.row("Checked", format.Ago(p.d.CheckedAt.Std(), p.now)+p.Theme.Dim.Render("   all of it, on the disk"))
	}
}

func (p *Pane) size() string {
	s := p.d.Site
	if s.Size < 0 {
		return p.Theme.Dim.Render("not known yet")
	}
	text := format.Bytes(s.Size) + " in " + format.Plural(s.Files, "file")
	if p.d.Name != "" {
		text += p.Theme.Dim.Render("   " + format.Text(p.d.Name))
	}
	return text
}

func (p *Pane) kept() string {
	s := p.d.Site
	switch {
	case s.State == engine.Found:
		return p.Theme.Warn.Render("◇ found") + ": never deleted unless you remove it"
	case s.Pinned:
		return p.Theme.Keep.Render("★ pinned") + ": seeded for ever"
	case s.ExpiresAt.IsZero():
		return "until the end of this run"
	case s.InUse:
		return "in use now, and for a while after"
	}
	return "leaves in " + format.Countdown(s.ExpiresAt.Std().Sub(p.now)) + p.Theme.Dim.Render(" unless opened or pinned")
}

// pieces draws all pieces as one bar.
func (p *Pane) pieces(w int) string {
	n := p.d.Pieces.Count
	if n == 0 || len(p.d.Pieces.Runs) == 0 {
		return p.Theme.Dim.Render("not known yet")
	}
	text := fmt.Sprintf(" %s of %s", format.Count(n), format.Bytes(p.d.Pieces.Length))
	return bar(p.d.Pieces, max(min(w-format.Width(text), 60), 1), p.Theme) + p.Theme.Dim.Render(text)
}

// bar draws at most w cells, each full when all its pieces are there, and empty when none is.
func bar(p engine.Pieces, w int, th *theme.Theme) string {
	var b strings.Builder
	w = min(w, p.Count)
	run, left := 0, p.Runs[0].Count
	for c := range w {
		have, begun, total := 0, 0, (c+1)*p.Count/w-c*p.Count/w
		for range total {
			for left == 0 && run+1 < len(p.Runs) {
				run++
				left = p.Runs[run].Count
			}
			left--
			switch p.Runs[run].State {
			case engine.PieceComplete:
				have++
			case engine.PiecePartial, engine.PieceChecking:
				begun++
			case engine.PieceMissing:
			}
		}
		switch {
		case have == total:
			b.WriteString("█")
		case have+begun > 0:
			b.WriteString("▓")
		default:
			b.WriteString("░")
		}
	}
	return th.Good.Render(b.String())
}
