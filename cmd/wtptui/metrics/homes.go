package metrics

import "wtptui/engine"

// homeFamilies returns the metrics of homes, whose names are not secret; none if there are no homes.
func homeFamilies(s engine.Snapshot) []family {
	if len(s.Status.Homes) == 0 {
		return nil
	}
	requests := family{
		name: "wtptui_home_requests_total", kind: counter,
		help: "Requests that a home has answered over HTTP in this run.",
	}
	bytes := family{
		name: "wtptui_home_bytes_total", kind: counter,
		help: "Bytes of a home's site that were sent in this run: over HTTP as a website (home) and to browsers that open " +
			"it from the swarm (webseed), and to peers (swarm).",
	}
	off := family{name: "wtptui_home_off", kind: gauge, help: "1 if a person has taken the site off its home."}
	for _, h := range s.Status.Homes {
		name := label{"name", h.Name}
		requests.samples = append(requests.samples, sample{"", []label{name}, float64(h.Requests)})
		off.samples = append(off.samples, sample{"", []label{name}, boolValue(h.Off)})
		bytes.samples = append(bytes.samples,
			sample{"", []label{name, {"way", "home"}}, float64(h.Bytes - h.WebSeed)},
			sample{"", []label{name, {"way", "webseed"}}, float64(h.WebSeed)},
			sample{"", []label{name, {"way", "swarm"}}, float64(h.Uploaded)})
	}
	return append([]family{requests, bytes, off}, homeTrackerFamilies(s.Status.HomeTracker)...)
}

// homeTrackerFamilies returns the metrics of the tracker of the homes; none if it does not run.
func homeTrackerFamilies(t engine.HomeTracker) []family {
	if len(t.URLs) == 0 {
		return nil
	}
	return []family{
		singleSample("wtptui_home_tracker_swarms", gauge,
			"Torrents that have peers at the tracker of the homes.", float64(t.Swarms)),
		singleSample("wtptui_home_tracker_peers", gauge,
			"Peers at the tracker of the homes, without this machine.", float64(t.Peers)),
		singleSample("wtptui_home_tracker_web_peers", gauge,
			"Peers at the tracker of the homes that announce over a WebSocket, as browsers do.", float64(t.WebPeers)),
		singleSample("wtptui_home_tracker_sockets", gauge,
			"WebSockets that are open at the tracker of the homes.", float64(t.Sockets)),
		singleSample("wtptui_home_tracker_announces_total", counter,
			"Announces that the tracker of the homes has answered in this run.", float64(t.Announces)),
		singleSample("wtptui_home_tracker_refused_total", counter,
			"Requests that the tracker of the homes has refused in this run.", float64(t.Refused)),
	}
}
