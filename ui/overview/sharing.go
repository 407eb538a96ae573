package overview

import (
	"fmt"

	"wtptui/engine"
	"wtptui/ui/format"
)

// sharing writes who has the site and what goes over the wire.
func (p *Pane) sharing(b *lines) {
	s, th := p.d.Site, p.Theme
	b.row("Peers", fmt.Sprintf("%d of %d known, %d complete, %s", s.Peers, s.KnownPeers, s.Seeds, format.Plural(s.WebPeers, "browser")))
	b.row("Copies", p.availability())
	b.row("Browsers", p.browsers())
	down, up := p.rates.Max()
	b.row("▼", p.transfer(s.DownRate, p.rates.Down, down, b.room()))
	b.row("▲", p.transfer(s.UpRate, p.rates.Up, up, b.room()))
	b.row("In all", "▼ "+format.Bytes(s.Downloaded)+"  ▲ "+format.Bytes(s.Uploaded)+th.Dim.Render("  ratio ")+format.Ratio(s.Ratio()))
}

// availability says how many copies of the site there are among the connected peers.
func (p *Pane) availability() string {
	if p.d.Site.Size < 0 {
		return p.Theme.Dim.Render("not known yet")
	}
	whole, parts := 0, 0.0
	for _, q := range p.d.Peers {
		if q.Done >= 1 {
			whole++
		} else {
			parts += q.Done
		}
	}
	text := fmt.Sprintf("%d whole", whole)
	if parts > 0 {
		text += fmt.Sprintf(", %.1f more in parts", parts)
	}
	if p.d.Site.State == engine.Seeding {
		return text + p.Theme.Dim.Render("  besides this")
	}
	if whole == 0 {
		return p.Theme.Warn.Render(text)
	}
	return text
}

// browsers says whether a browser could reach the site.
func (p *Pane) browsers() string {
	working, all := p.d.BrowserWay()
	switch {
	case p.d.Site.State == engine.Paused:
		return p.Theme.Dim.Render("cannot reach it: it is paused")
	case p.d.Site.State == engine.Found:
		return p.Theme.Dim.Render("cannot reach it: it is not in the swarm")
	case all == 0:
		return p.Theme.Warn.Render("cannot reach it") + ": no WebTorrent tracker"
	case working == 0:
		return p.Theme.Warn.Render("cannot reach it") + ": see Trackers"
	}
	return p.Theme.Good.Render("can reach it") + fmt.Sprintf(" through %d of %s", working, format.Plural(all, "tracker"))
}

func (p *Pane) transfer(rate int64, series []int64, top int64, w int) string {
	spark := max(min(w-9-2-5-9, 30), 4)
	return fmt.Sprintf("%s  %s %s %s", format.FitRight(format.Speed(rate), 9), p.Theme.Accent.Render(format.Spark(series, spark)),
		p.Theme.Dim.Render("max"), format.Fit(format.Speed(top), 9))
}
