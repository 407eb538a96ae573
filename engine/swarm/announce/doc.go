// Package announce announces torrents to trackers and returns the peers that they know: HTTP(S) trackers (BEP 3, 7,
// 23, 31) and UDP trackers (BEP 15, 41).
//
// It knows announce URLs, infohashes and counters. It must not know pieces, connections or how peers are used. The
// torrent library has a tracker client, but that one skips certificate checks, cannot be waited for when it announces
// Stopped, and does not report what a tracker has answered.
//
// Start with Announcer in announcer.go; http.go and udp.go implement one announce each.
package announce
