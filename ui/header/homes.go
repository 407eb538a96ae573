package header

import (
	"strings"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// HasHomes reports whether there is a line of homes to be shown.
func (p *Pane) HasHomes() bool { return len(p.status.Homes) > 0 }

// The ranks of the parts of the line of homes: words are left out before numbers.
const (
	rankTrackerSwarms = iota
	rankTrackerPeers
	rankHomesOff
	rankRequestsWord
	rankToPeers
	rankSentWord
	rankRequestCount
	rankSentBytes
)

// Homes draws the line of homes: the address of the only one, or how many there are, what they have served, and the
// peers of their tracker. Homes that are off are always mentioned, and an address is cut only when everything else has
// been shortened.
func (p *Pane) Homes(w int) string {
	if !p.HasHomes() || w <= 0 {
		return ""
	}
	all := p.status.Homes
	off, requests, sent, uploaded := 0, 0, int64(0), int64(0)
	for _, h := range all {
		requests += int(h.Requests)
		sent += h.Bytes
		uploaded += h.Uploaded
		if h.Off {
			off++
		}
	}
	name := format.Plural(len(all), "home")
	if len(all) == 1 {
		name = format.Text(all[0].URL)
	}
	sign := p.Theme.Mine.Render(p.phaseSign("⌂ "))
	if p.Theme.ASCII && len(all) == 1 {
		sign = "home "
	}
	parts := []part{
		{forms: []string{sign + p.Theme.Strong.Render(name)}},
		p.offPart(all, off),
		{
			forms: []string{"  " + format.Plural(requests, "request"), "  " + format.Count(requests) + " req.", ""},
			ranks: []int{rankRequestsWord, rankRequestCount},
		},
		{
			forms: []string{"  " + format.Bytes(sent) + p.Theme.Dim.Render(" by HTTP"), "  " + format.Bytes(sent), ""},
			ranks: []int{rankSentWord, rankSentBytes},
		},
		{forms: []string{"  " + format.Bytes(uploaded) + p.Theme.Dim.Render(" to peers"), ""}, ranks: []int{rankToPeers}},
		trackerPart(p.Theme, p.status.HomeTracker),
	}
	fitParts(parts, w)
	if over := totalWidth(parts) - w; over > 0 {
		parts[0].forms[0] = sign + p.Theme.Strong.Render(format.Cut(name, max(format.Width(name)-over, 1)))
	}
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(part.text())
	}
	return format.Cut(" "+b.String(), w)
}

// offPart returns how many homes are off, or whether the only one is.
func (p *Pane) offPart(all []engine.Home, off int) part {
	warn := p.Theme.Warn
	switch {
	case off == 0:
		return part{forms: []string{""}}
	case len(all) == 1:
		return part{
			forms: []string{
				p.separator() + warn.Render("taken off: visitors get 410 Gone"), p.separator() + warn.Render("taken off"),
			},
			ranks: []int{rankHomesOff},
		}
	}
	return part{forms: []string{p.separator() + warn.Render(format.Count(off)+" off")}}
}

// trackerPart returns the peers of the homes' tracker, in a few words.
func trackerPart(th *theme.Theme, t engine.HomeTracker) part {
	if len(t.URLs) == 0 {
		return part{forms: []string{""}}
	}
	name := "  " + th.Dim.Render("tracker ")
	peers := name + format.Plural(t.Peers, "peer")
	all := peers
	if t.Peers > 0 {
		all += " in " + format.Plural(t.Swarms, "swarm") + ", " + format.Plural(t.WebPeers, "browser")
	}
	return part{forms: []string{all, peers, ""}, ranks: []int{rankTrackerSwarms, rankTrackerPeers}}
}

// separator returns what is drawn between parts that belong together.
func (p *Pane) separator() string {
	if p.Theme.ASCII {
		return ", "
	}
	return p.Theme.Dim.Render(" · ")
}
