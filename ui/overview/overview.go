package overview

import (
	"fmt"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/history"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// label is the width of the column of labels.
const label = 12

// Pane is the overview.
type Pane struct {
	Theme  *theme.Theme
	d      engine.Detail
	rates  history.Series
	now    time.Time
	lines  int // of the text, and where its shown part begins
	offset int
	page   int
}

// Name is the tab's.
func (*Pane) Name() string { return "Overview" }

// Count is not shown for an overview.
func (*Pane) Count() int { return 0 }

// Focus changes nothing: there is nothing to select.
func (*Pane) Focus(bool) {}

// Set takes all that is known of a site.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	if d.Site.Host != p.d.Site.Host {
		p.offset = 0
	}
	p.d, p.now = d, now
}

// SetRates takes the site's last minute.
func (p *Pane) SetRates(s history.Series) { p.rates = s }

// Handle scrolls.
func (p *Pane) Handle(a keys.Action) bool {
	switch a {
	case keys.Up:
		p.offset--
	case keys.Down:
		p.offset++
	case keys.Top:
		p.offset = 0
	case keys.Bottom:
		p.offset = p.lines
	case keys.PageUp, keys.HalfUp:
		p.offset -= max(p.page/2, 1)
	case keys.PageDown, keys.HalfDown:
		p.offset += max(p.page/2, 1)
	default:
		return false
	}
	p.offset = max(min(p.offset, p.lines-p.page), 0)
	return true
}

// View draws the part of the text that fits.
func (p *Pane) View(w, h int) string {
	lines := p.text(w)
	p.lines, p.page = len(lines), h
	p.offset = max(min(p.offset, p.lines-h), 0)
	return strings.Join(lines[p.offset:min(p.offset+h, len(lines))], "\n")
}

func (p *Pane) text(w int) []string {
	s := p.d.Site
	var b builder
	b.w, b.th = w, p.Theme
	st := badge.Of(s, p.Theme)
	state := st.Style.Render(st.Text())
	if s.State == engine.Downloading || s.Checking {
		state += fmt.Sprintf("  %s of %s", format.Bytes(s.Completed), format.Bytes(s.Size))
	}
	b.row("State", state)
	if text, bad := badge.Problem(s); bad {
		b.long("", text, p.Theme.Bad)
	} else if text != "" {
		b.long("", text, p.Theme.Dim)
	}
	if s.Title != "" {
		b.long("Title", format.Text(s.Title), "")
	}
	b.blank()
	b.address("Address", s.URL)
	b.address("Local", s.LocalURL)
	b.address("Infohash", s.Infohash)
	b.blank()
	b.row("Size", p.size())
	b.row("Pieces", p.pieces(w-label-2))
	b.row("Kept", p.kept())
	b.row("Opened", format.Ago(s.LastOpen.Std(), p.now)+p.Theme.Dim.Render("   added "+format.Day(s.AddedAt.Std(), p.now)))
	b.blank()
	b.row("Peers", fmt.Sprintf("%d connected, %d of them complete, %d over WebRTC; %d known", s.Peers, s.Seeds, s.WebPeers, s.KnownPeers))
	b.row("Browsers", p.browsers())
	down, up := p.rates.Max()
	b.row("▼", p.transfer(s.DownRate, s.Downloaded, p.rates.Down, down))
	b.row("▲", p.transfer(s.UpRate, s.Uploaded, p.rates.Up, up)+p.Theme.Dim.Render("  ratio ")+format.Ratio(s.Ratio()))
	p.versions(&b)
	return b.lines
}

// browsers says whether a browser could reach the site.
func (p *Pane) browsers() string {
	working, all := p.d.BrowserWay()
	switch {
	case p.d.Site.State == engine.Paused:
		return p.Theme.Dim.Render("cannot reach it: it is paused")
	case all == 0:
		return p.Theme.Warn.Render("cannot reach it") + ": no WebTorrent tracker is asked"
	case working == 0:
		return p.Theme.Warn.Render("cannot reach it") + ": no WebTorrent tracker answers, see Trackers"
	}
	return p.Theme.Good.Render("can reach it") + fmt.Sprintf(" through %d of %s", working, format.Plural(all, "WebTorrent tracker"))
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
	case s.Pinned:
		return p.Theme.Keep.Render("★ pinned") + ": seeded for ever"
	case s.ExpiresAt.IsZero():
		return "until the end of this run"
	case s.InUse:
		return "in use now, and for a while after"
	}
	return "leaves in " + format.Countdown(s.ExpiresAt.Std().Sub(p.now)) + p.Theme.Dim.Render("   unless it is opened again or pinned")
}

func (p *Pane) transfer(rate, all int64, series []int64, top int64) string {
	return fmt.Sprintf("%s  %s %s  %s %s", format.FitRight(format.Speed(rate), 9), p.Theme.Accent.Render(format.Spark(series, 30)),
		p.Theme.Dim.Render("max"), format.Fit(format.Speed(top), 9), p.Theme.Dim.Render("all ")+format.Bytes(all))
}

func (p *Pane) versions(b *builder) {
	if len(p.d.Versions) == 0 {
		return
	}
	b.blank()
	for i, v := range p.d.Versions {
		name := ""
		if i == 0 {
			name = "Versions"
		}
		b.row(name, v.Infohash+p.Theme.Dim.Render("  since "+format.Day(v.FirstSeen.Std(), p.now)))
		b.row("", p.Theme.Dim.Render("  from "+format.Text(v.Source)))
	}
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

// builder collects labelled lines.
type builder struct {
	w     int
	th    *theme.Theme
	lines []string
}

func (b *builder) row(name, value string) {
	b.lines = append(b.lines, format.Cut("  "+b.th.Dim.Render(format.Fit(name, label))+value, b.w))
}

func (b *builder) blank() { b.lines = append(b.lines, "") }

// long wraps a text.
func (b *builder) long(name, value string, st theme.Style) {
	for _, l := range format.Wrap(value, max(b.w-label-4, 10)) {
		b.row(name, st.Render(l))
		name = ""
	}
}

// address breaks an address where it must, and adds nothing to it, so that it can be copied off the screen.
func (b *builder) address(name, value string) {
	if value == "" {
		b.row(name, b.th.Dim.Render("–"))
		return
	}
	for _, l := range format.Break(value, max(b.w-label-4, 10)) {
		b.row(name, l)
		name = ""
	}
}
