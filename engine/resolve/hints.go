package resolve

import (
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
)

// Hints are TXT strings beside the key which say where to find a site's peers: a wtp URL carries no tracker.
const (
	trackerPrefix = "wtptracker="
	seedPrefix    = "wtpseed="
	// maxHints bounds each of the two, and maxHint the length of one, in bytes.
	maxHints = 8
	maxHint  = 2048
)

// hints are what a name's TXT records say beside the key.
type hints struct{ trackers, webSeeds []string }

// take notes a string if it is a hint, and reports whether it is one, usable or not.
func (h *hints) take(s string) bool {
	if value, ok := cutPrefix(s, trackerPrefix); ok {
		h.trackers = addHint(h.trackers, value, "udp", "http", "https", "ws", "wss")
		return true
	}
	if value, ok := cutPrefix(s, seedPrefix); ok {
		h.webSeeds = addHint(h.webSeeds, value, "https") // BEP 19; http would tell everybody on the way what is read.
		return true
	}
	return false
}

func addHint(list []string, value string, schemes ...string) []string {
	u, err := url.Parse(value)
	switch {
	case err != nil, len(value) > maxHint, value != engine.Clean(value), strings.ContainsAny(value, " \t"):
	case u.Hostname() == "" || u.User != nil || !slices.Contains(schemes, u.Scheme):
	case slices.Contains(list, value) || len(list) >= maxHints:
	default:
		return append(list, value)
	}
	return list
}
