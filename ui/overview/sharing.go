package overview

import (
	"fmt"

	"wtptui/engine"
	"wtptui/ui/format"
)

// sharing writes who has the site and what goes over the wire.
func (f *facts) sharing(b *lines) {
	s, th := f.d.Site, f.theme
	b.row("Peers", fmt.Sprintf("%d of %d known, %d complete, %s", s.Peers, s.KnownPeers, s.Seeds, format.Plural(s.WebPeers, "browser")))
	b.row("Copies", f.copies())
	b.row("Browsers", f.browsers())
	down, up := f.rates.Max()
	b.row(th.Words("▼"), f.transfer(s.DownRate, f.rates.Down, down, b.room()))
	b.row(th.Words("▲"), f.transfer(s.UpRate, f.rates.Up, up, b.room()))
	b.row("In all", th.Words("▼ "+format.Bytes(s.Downloaded)+"  ▲ ")+format.Bytes(s.Uploaded)+th.Dim.Render("  ratio ")+format.Ratio(s.Ratio()))
}

// copies says how many have all of the site elsewhere, and whether it rests because they are enough.
func (f *facts) copies() string {
	s, th := f.d.Site, f.theme
	var text string
	switch {
	case s.Copies < 0:
		return th.Dim.Render("not known: no tracker and no peer has told yet")
	case s.IsLastCopy():
		text = th.Warn.Render("none elsewhere") + ": the last known copy"
	case s.Copies == 0:
		text = th.Warn.Render("none")
	default:
		text = fmt.Sprintf("%d elsewhere", s.Copies)
		if s.WebCopies >= 0 {
			text += fmt.Sprintf(", browsers reach %d", s.WebCopies)
		}
	}
	if s.Resting {
		text += th.Dim.Render("  resting: enough others seed it")
	}
	return text
}

// browsers says whether a browser could reach the site.
func (f *facts) browsers() string {
	working, all := f.d.BrowserWay()
	switch {
	case f.d.Site.State == engine.Paused:
		return f.theme.Dim.Render("cannot reach it: it is paused")
	case f.d.Site.State == engine.Found:
		return f.theme.Dim.Render("cannot reach it: it is not in the swarm")
	case all == 0:
		return f.theme.Warn.Render("cannot reach it") + ": no WebTorrent tracker"
	case working == 0:
		return f.theme.Warn.Render("cannot reach it") + ": see Trackers"
	}
	return f.theme.Good.Render("can reach it") + fmt.Sprintf(" through %d of %s", working, format.Plural(all, "tracker"))
}

func (f *facts) transfer(rate int64, series []int64, top int64, w int) string {
	spark := max(min(w-9-2-5-9, 30), 4)
	return fmt.Sprintf("%s  %s %s %s", format.FitRight(format.Speed(rate), 9), f.theme.Accent.Render(format.Spark(series, spark)),
		f.theme.Dim.Render("max"), format.Fit(format.Speed(top), 9))
}
