// Package announce tells trackers about torrents and learns of peers from them: HTTP(S) trackers (BEP 3, 7, 23, 31)
// and UDP trackers (BEP 15, 41).
//
// It knows announce URLs, infohashes and counters; it must not know pieces, connections or where peers are used. The
// torrent library has a tracker client, but that one skips certificate checks, cannot be waited for when it says
// goodbye, and does not tell what a tracker said.
//
// Start with Announcer in announcer.go; http.go and udp.go are one announce each.
package announce
