package sites

import (
	"fmt"
	"slices"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// Awaited says what requests for a site wait for now, and what was tried to get it. It is for a person who waits, and
// is asked once a second for each.
func (e *Engine) Awaited(host string) engine.Awaited {
	var a engine.Awaited
	var joined swarm.Torrent
	nodes := -1
	_ = e.ask("sites: awaited", host, func(st *state) error { // An engine that is stopping awaits nothing.
		s := st.roster.here[host]
		if s == nil {
			return nil
		}
		now := st.clock.Now()
		v := s.view(now)
		a = engine.Awaited{Text: "Waiting for " + s.awaiting(now) + ".", Peers: v.Peers, Seeds: v.Seeds, Rate: v.DownRate}
		if s.torrent != nil {
			joined = s.torrent.joined
		}
		nodes = st.poll.status.DHTNodes
		return nil
	})
	if joined == nil {
		return a
	}
	if line := triedTrackers(joined.Trackers()); line != "" {
		a.Tried = append(a.Tried, line)
	}
	if nodes >= 0 {
		a.Tried = append(a.Tried, "DHT: "+plural(nodes, "node")+" known")
	}
	a.Tried = append(a.Tried, countVias(joined.Peers())...)
	return a
}

// triedTrackers says what came of asking trackers.
func triedTrackers(all []engine.Tracker) string {
	working, failing, named := 0, 0, 0
	for _, t := range all {
		switch t.Status {
		case "working":
			working++
			named += t.Peers
		case "failing":
			failing++
		}
	}
	if len(all) == 0 {
		return ""
	}
	line := fmt.Sprintf("%d of %s answered", working, plural(len(all), "tracker"))
	if working > 0 {
		line += ", with " + plural(named, "peer")
	}
	if failing > 0 {
		line += fmt.Sprintf("; %d failed", failing)
	}
	return line
}

// countVias says how the peers are connected.
func countVias(all []engine.Peer) []string {
	var lines []string
	for _, via := range []engine.Via{engine.TCP, engine.UTP, engine.WebRTC, engine.WebSeed} {
		n := 0
		for _, p := range all {
			if p.Via == via {
				n++
			}
		}
		if n > 0 {
			lines = append(lines, plural(n, "peer")+" over "+string(via))
		}
	}
	return slices.Clip(lines)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
