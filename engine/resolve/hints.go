package resolve

import (
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
)

// Hints are TXT strings beside the key that name a site's trackers and web seeds: a wtp URL has neither.
const (
	trackerPrefix = "wtptracker="
	seedPrefix    = "wtpseed="
	// maxHints limits the number of each kind, and maxHint the length of one, in bytes.
	maxHints = 8
	maxHint  = 2048
)

// hints holds the valid hints in a name's TXT records.
type hints struct{ trackers, webSeeds []string }

// add adds the value of a hint if it is valid. It reports whether the string is a hint, valid or not.
func (h *hints) add(s string) bool {
	if value, ok := cutPrefix(s, trackerPrefix); ok {
		h.trackers = addHint(h.trackers, value, "udp", "http", "https", "ws", "wss")
		return true
	}
	if value, ok := cutPrefix(s, seedPrefix); ok {
		h.webSeeds = addHint(h.webSeeds, value, "https") // BEP 19; over http everybody on the path could see what is read.
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
