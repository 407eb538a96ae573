package header

import (
	"fmt"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// part is a piece of the header.
type part struct {
	// forms are its texts from the widest to the narrowest, the last of which may be empty; shown is the index of the one
	// that is drawn.
	forms []string
	shown int
	// ranks are, for each form but the last, how early it is replaced by the next one: the lowest first.
	ranks []int
}

// text returns the form that is drawn.
func (p part) text() string { return p.forms[p.shown] }

// The ranks, from the part that is shortened first to the last. Rates, limits, port, "no web", errors and the machine's
// name are visible on eighty columns, in a shorter form if necessary.
const (
	rankSparks = iota
	rankGauge
	rankWebCount
	rankCacheSize
	rankScheduleEnd
	rankWideLabels
	rankNodes
	rankPeerCount
	rankWideRates
	rankNarrowLabels
	rankStateWidth
	rankWideMachine
	rankNarrowPort
	rankErrorKey
	rankNarrowMachine
	rankScheduleName
	rankLabelMark
	rankLimits
	rankPort
	rankRates
	rankErrorCount
	rankNoWeb
)

// minStateWidth is the least width of the state, so that online and offline leave the other parts where they are.
const minStateWidth = 9

// parts returns all parts of the header, from left to right.
func (p *Pane) parts() []part {
	state := p.phaseText()
	parts := []part{
		p.namePart(),
		{forms: []string{format.Fit(state, max(format.Width(state), minStateWidth)), state}, ranks: []int{rankStateWidth}},
	}
	if p.phase != Running && p.phase != Lost {
		return parts
	}
	down, up := limitsByDirection()
	parts = append(parts, p.rateParts("▼", p.status.DownRate, p.rates.Down, down)...)
	parts = append(parts, p.rateParts("▲", p.status.UpRate, p.rates.Up, up)...)
	parts = append(parts, schedulePart(p.Theme, p.status.Schedule, p.now))
	return append(parts, p.errorsPart(), p.peersPart(), p.webPart(), p.dhtPart(), p.portPart(), p.cachePart())
}

// machinesPart returns how many machines there are, or how many of them can be reached if not all can.
func machinesPart(th *theme.Theme, fleet []engine.Machine) part {
	all, away := len(fleet), 0
	for _, m := range fleet {
		if m.Away != "" {
			away++
		}
	}
	st, count, short := th.Strong, format.Plural(all, "machine"), fmt.Sprintf("%d m.", all)
	if away > 0 {
		st, count = th.Warn.Bold(), fmt.Sprintf("%d of %s", all-away, format.Plural(all, "machine"))
		short = fmt.Sprintf("%d/%d m.", all-away, all)
	}
	return part{
		forms: []string{
			th.Strong.Render("wtptui") + th.Dim.Render(" on ") + st.Render(count) + " ",
			st.Render(count) + " ", st.Render(short) + " ",
		},
		ranks: []int{rankWideMachine, rankNarrowMachine},
	}
}

// namePart returns the program's name, or that of the machine that the engine is on.
func (p *Pane) namePart() part {
	const wide, narrow, least = 24, 12, 8
	if len(p.status.Machines) > 0 {
		return machinesPart(p.Theme, p.status.Machines)
	}
	if p.Machine == "" {
		return part{forms: []string{p.Theme.Strong.Render("wtptui") + " "}}
	}
	st := p.Theme.ColorStyle(p.MachineColor).Bold()
	name := format.Text(p.Machine)
	return part{
		forms: []string{
			p.Theme.Strong.Render("wtptui") + p.Theme.Dim.Render(" on ") + st.Render(format.Cut(name, wide)) + " ",
			st.Render(format.Cut(name, narrow)) + " ",
			st.Render(format.Cut(name, least)) + " ",
		},
		ranks: []int{rankWideMachine, rankNarrowMachine},
	}
}

// rateParts returns one direction: bytes per second, the limits in force, and the last seconds. The width does not
// depend on the rate, so that nothing jumps.
func (p *Pane) rateParts(arrow string, n int64, series []int64, of limitOf) []part {
	th := p.Theme
	arrow = "  " + th.Dim.Render(th.SpellArrows(arrow)) + " "
	now := part{
		forms: []string{arrow + format.FitRight(format.Speed(n), 9), arrow + format.FitRight(format.Rate(n), 6), ""},
		ranks: []int{rankWideRates, rankRates},
	}
	spark := part{forms: []string{" " + th.Accent.Render(format.Spark(series, 4)), ""}, ranks: []int{rankSparks}}
	if th.ASCII {
		spark = part{forms: []string{""}}
	}
	return []part{now, p.limitPart(of), p.labelLimitsPart(of), spark}
}

// limitOf returns the limit of one direction.
type limitOf func(engine.Limits) int64

func limitsByDirection() (down, up limitOf) {
	return func(l engine.Limits) int64 { return l.Down }, func(l engine.Limits) int64 { return l.Up }
}

// limitSign returns what is drawn before a limit.
func (p *Pane) limitSign() string {
	if p.Theme.ASCII {
		return "of "
	}
	return "≤"
}

// limitPart returns the limit over all sites.
func (p *Pane) limitPart(of limitOf) part {
	limit := of(p.status.Limits)
	if limit <= 0 {
		return part{forms: []string{""}}
	}
	warn := p.Theme.Warn
	return part{
		forms: []string{
			" " + warn.Render(p.limitSign()+format.Speed(limit)), " " + warn.Render(p.limitSign()+format.Rate(limit)), "",
		},
		ranks: []int{rankWideRates, rankLimits},
	}
}

// labelLimitsPart returns the limits of labels: which one, or how many, and where there is no room for that a mark,
// beside the limit over all sites if there is one.
func (p *Pane) labelLimitsPart(of limitOf) part {
	const nameWidth = 14
	var inForce []engine.Limits
	for _, l := range p.status.LabelLimits {
		if of(l) > 0 {
			inForce = append(inForce, l)
		}
	}
	mark, warn := "*", p.Theme.Warn
	if of(p.status.Limits) <= 0 {
		mark = " " + p.limitSign() + mark
	}
	switch len(inForce) {
	case 0:
		return part{forms: []string{""}}
	case 1:
		name := format.Cut(format.Text(inForce[0].Label), nameWidth)
		limit := of(inForce[0])
		return part{
			forms: []string{
				" " + warn.Render(name+" "+p.limitSign()+format.Speed(limit)),
				" " + warn.Render(name+" "+p.limitSign()+format.Rate(limit)), warn.Render(mark), "",
			},
			ranks: []int{rankWideLabels, rankNarrowLabels, rankLabelMark},
		}
	}
	return part{
		forms: []string{" " + warn.Render(format.Plural(len(inForce), "label")+" "+p.limitSign()+"…"), warn.Render(mark), ""},
		ranks: []int{rankNarrowLabels, rankLabelMark},
	}
}

// schedulePart returns the schedule in force, and until when. That it has paused all sites is still shown where its
// name has no room.
func schedulePart(th *theme.Theme, s engine.Scheduled, now time.Time) part {
	const wide = 24
	if s.Name == "" {
		return part{forms: []string{""}}
	}
	until := ""
	if t := format.Until(s.Until.Std(), now); t != "" {
		until = th.Dim.Render(" until " + t)
	}
	name := format.Text(s.Name)
	if s.Paused {
		mark := "‖ "
		if th.ASCII {
			mark = ""
		}
		paused := "  " + th.Warn.Bold().Render(mark+"all paused")
		return part{
			forms: []string{paused + th.Dim.Render(": "+format.Cut(name, wide)) + until, paused + until, paused},
			ranks: []int{rankScheduleEnd, rankScheduleName},
		}
	}
	return part{
		forms: []string{"  " + format.Cut(name, wide) + until, " " + until, ""},
		ranks: []int{rankScheduleEnd, rankScheduleName},
	}
}

// errorsPart returns how many sites have an error, and the key that shows them.
func (p *Pane) errorsPart() part {
	if p.errorCount == 0 {
		return part{forms: []string{""}}
	}
	count := "  " + p.Theme.Bad.Render("✗ "+format.Count(p.errorCount))
	if p.Theme.ASCII {
		count = "  " + p.Theme.Bad.Render(format.Plural(p.errorCount, "error"))
	}
	if p.errorsKey == "" {
		return part{forms: []string{count, ""}, ranks: []int{rankErrorCount}}
	}
	return part{
		forms: []string{
			"  " + p.Theme.Bad.Render(p.phaseSign("✗ ")+format.Plural(p.errorCount, "error")) + " " +
				p.Theme.Accent.Render(p.Theme.SpellKeys(p.errorsKey)),
			count + " " + p.Theme.Accent.Render(p.Theme.SpellKeys(p.errorsKey)), count, "",
		},
		ranks: []int{rankWebCount, rankErrorKey, rankErrorCount},
	}
}

func (p *Pane) peersPart() part {
	return part{
		forms: []string{"  " + p.Theme.Dim.Render("peers") + " " + format.Count(p.status.Peers), ""},
		ranks: []int{rankPeerCount},
	}
}

// webPart returns how many peers are browsers. With no WebTorrent tracker connected, browsers cannot find the sites
// here.
func (p *Pane) webPart() part {
	if p.status.WebTrackers == 0 {
		return part{forms: []string{"  " + p.Theme.Warn.Render("no web"), ""}, ranks: []int{rankNoWeb}}
	}
	return part{
		forms: []string{p.Theme.Dim.Render(fmt.Sprintf(" (%d web)", p.status.WebPeers)), ""},
		ranks: []int{rankWebCount},
	}
}

func (p *Pane) dhtPart() part {
	text := p.Theme.Dim.Render("DHT off")
	if p.status.DHTNodes >= 0 {
		text = p.Theme.Dim.Render("DHT") + " " + format.Count(p.status.DHTNodes)
	}
	return part{forms: []string{"  " + text, ""}, ranks: []int{rankNodes}}
}

// portPart returns the port at which peers reach this engine. Until a peer has connected it is not known whether they
// can.
func (p *Pane) portPart() part {
	n := fmt.Sprintf("  :%d ", p.status.PeerPort)
	switch {
	case len(p.status.Machines) > 0: // Each has its own.
		return part{forms: []string{""}}
	case p.status.PeerPort == 0:
		return part{forms: []string{"  " + p.Theme.Dim.Render("no port"), ""}, ranks: []int{rankPort}}
	case p.status.PortOpen:
		return part{forms: []string{n + p.Theme.Good.Render("open"), ""}, ranks: []int{rankPort}}
	}
	return part{
		forms: []string{n + p.Theme.Dim.Render("open?"), n + p.Theme.Dim.Render("?"), ""},
		ranks: []int{rankNarrowPort, rankPort},
	}
}

// cachePart returns how full the cache is. The gauge is left out before the sizes: alone it would not say what it
// measures.
func (p *Pane) cachePart() part {
	text := "  " + p.Theme.Dim.Render("cache") + " " + format.BytesOfTotal(p.status.CacheUsed, p.status.CacheLimit)
	if p.Theme.ASCII {
		return part{forms: []string{text, ""}, ranks: []int{rankCacheSize}}
	}
	full, st := 0.0, p.Theme.Good
	if p.status.CacheLimit > 0 {
		full = float64(p.status.CacheUsed) / float64(p.status.CacheLimit)
	}
	if full > 0.9 {
		st = p.Theme.Warn
	}
	return part{
		forms: []string{text + " " + st.Render(format.Gauge(full, 5)), text, ""},
		ranks: []int{rankGauge, rankCacheSize},
	}
}

// totalWidth returns the width of all parts and of the blank before them, in cells.
func totalWidth(parts []part) int {
	n := 1
	for _, p := range parts {
		n += format.Width(p.text())
	}
	return n
}

// fitParts shortens parts until all of them take w cells, if possible. A part that need not have been shortened,
// because a larger one was left out after it, is restored.
func fitParts(parts []part, w int) {
	var steps [][]*part
	for totalWidth(parts) > w {
		step := firstToShrink(parts)
		if len(step) == 0 {
			return
		}
		changeForm(step, 1)
		steps = append(steps, step)
	}
	stays := map[*part]bool{}
	for _, step := range slices.Backward(steps) {
		changeForm(step, -1)
		if totalWidth(parts) > w || slices.ContainsFunc(step, func(p *part) bool { return stays[p] }) {
			changeForm(step, 1)
			for _, p := range step {
				stays[p] = true
			}
		}
	}
}

// changeForm changes parts to a narrower form, or with -1 to a wider one.
func changeForm(parts []*part, by int) {
	for _, p := range parts {
		p.shown += by
	}
}

// firstToShrink returns the parts that are shortened next, together; none if no part can be.
func firstToShrink(parts []part) (low []*part) {
	for i := range parts {
		p := &parts[i]
		switch {
		case p.shown == len(p.ranks):
		case len(low) == 0 || p.ranks[p.shown] < low[0].ranks[low[0].shown]:
			low = []*part{p}
		case p.ranks[p.shown] == low[0].ranks[low[0].shown]:
			low = append(low, p)
		}
	}
	return low
}
