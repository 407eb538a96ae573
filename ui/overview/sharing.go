package overview

import (
	"fmt"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
)

// writeSharing writes who has the site and what has been transferred.
func (f *facts) writeSharing(b *lines) {
	s, th := f.detail.Site, f.theme
	b.addRow("Peers", fmt.Sprintf("%d of %d known, %d complete, %s", s.Peers, s.KnownPeers, s.Seeds,
		format.Plural(s.WebPeers, "browser")))
	b.addRow("Copies", f.copiesText())
	enough := f.enoughText()
	if key := f.keys.FirstKey(keys.Enough); key != "" && !s.Mine {
		enough += ". " + th.SpellKeys(key) + " changes it"
	}
	b.addWrapped("Enough", enough, "")
	if goal := f.goalText(); goal != "" {
		b.addWrapped("Goal", goal, "")
	}
	b.addRow("Browsers", f.browsersText())
	down, up := f.rates.Max()
	b.addRow(th.SpellArrows("▼"), f.transferText(s.DownRate, f.rates.Down, down, b.valueWidth()))
	b.addRow(th.SpellArrows("▲"), f.transferText(s.UpRate, f.rates.Up, up, b.valueWidth()))
	b.addRow("In all", th.SpellArrows("▼ "+format.Bytes(s.Downloaded)+"  ▲ ")+format.Bytes(s.Uploaded)+
		th.Dim.Render("  ratio ")+format.Ratio(s.Ratio()))
}

// copiesText returns how many complete copies there are elsewhere.
func (f *facts) copiesText() string {
	s, th := f.detail.Site, f.theme
	var text string
	switch {
	case s.Copies < 0:
		return th.Dim.Render("not known yet: no tracker or peer has reported")
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
	return text
}

// enoughText returns how many others must seed the site for it to rest, whether it rests, and why.
func (f *facts) enoughText() string {
	s := f.detail.Site
	n, whose := s.Enough, ""
	if n == 0 {
		n, whose = f.defaultEnough, ", as for all sites"
	}
	var text string
	switch {
	case s.Mine:
		return "never rests: it was published here"
	case n < 0:
		text = "never rests, as set for this site"
	case n == 0:
		text = "never rests"
	case s.Resting:
		are := " are"
		if n == 1 {
			are = " is"
		}
		text = "rests: " + otherSeeds(max(n, s.Copies), "seeds", "seed") + " it, and " + format.Count(n) + are + " enough"
	case s.IsComplete() && s.Copies >= n:
		text = "rests once " + otherSeeds(n, "has", "have") + " been seeding it for a while"
	default:
		text = "seeds while fewer than " + otherSeeds(n, "does", "do")
	}
	return text + whose
}

// goalText returns for how long the site is to be seeded, and how far that is; empty where there is no goal.
func (f *facts) goalText() string {
	s := f.detail.Site
	g := engine.GoalsForLabels(f.goals, s.Labels)
	switch {
	case g.IsZero() || s.Mine || s.Enough < 0:
		return ""
	case s.CompleteAt.IsZero():
		return g.String() + ", once all of it is here"
	}
	ratio, _ := s.Ratio()
	seeded := f.now.Sub(s.CompleteAt.Std())
	if reached := g.DescribeReached(ratio, seeded); reached != "" {
		return reached + " is reached: it rests while another one seeds it"
	}
	return g.String() + ". So far " + format.Ratio(s.Ratio()) + " and " + format.Duration(seeded)
}

// otherSeeds returns n other seeds with what they do.
func otherSeeds(n int, one, some string) string {
	if n == 1 {
		return "1 other " + one
	}
	return format.Count(n) + " others " + some
}

// browsersText returns whether a browser could reach the site.
func (f *facts) browsersText() string {
	working, all := f.detail.CountWebTrackers()
	switch {
	case f.detail.Site.State == engine.Paused:
		return f.theme.Dim.Render("cannot reach it: it is paused")
	case f.detail.Site.Resting:
		return f.theme.Dim.Render("cannot reach it here: it rests")
	case f.detail.Site.State == engine.Found:
		return f.theme.Dim.Render("cannot reach it: it is not in the swarm")
	case all == 0:
		return f.theme.Warn.Render("cannot reach it") + ": no WebTorrent tracker"
	case working == 0:
		return f.theme.Warn.Render("cannot reach it") + ": see Trackers"
	}
	return f.theme.Good.Render("can reach it") + fmt.Sprintf(" through %d of %s", working, format.Plural(all, "tracker"))
}

func (f *facts) transferText(rate int64, series []int64, top int64, w int) string {
	spark := max(min(w-9-2-5-9, 30), 4)
	return fmt.Sprintf("%s  %s %s %s", format.FitRight(format.Speed(rate), 9),
		f.theme.Accent.Render(format.Spark(series, spark)),
		f.theme.Dim.Render("max"), format.Fit(format.Speed(top), 9))
}
