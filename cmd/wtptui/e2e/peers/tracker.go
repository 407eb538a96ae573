package peers

import (
	_ "embed"
	"fmt"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

//go:embed tracker.mjs
var trackerScript string

// Tracker is a running bittorrent-tracker.
type Tracker struct {
	// HTTP, UDP and WS are its announce URLs. Peers that use one of the first two never meet those that use the third.
	HTTP, UDP, WS string

	script *scripted[trackerReport]
}

// TrackerOptions are settings of a tracker. Zero values leave the package's defaults.
type TrackerOptions struct {
	// Interval is how often peers are asked to announce; a WebSocket peer, a fifth of it. The default is 10 minutes.
	Interval time.Duration
	// PeersCacheTTL is how long a silent peer is remembered. The default is 20 minutes.
	PeersCacheTTL time.Duration
	// Port is where it listens, for a tracker that comes back. The default is any.
	Port int
	// IPv6 has HTTP and WS on [::1], whose peers are there, too.
	IPv6 bool
}

// The events of an announce.
const (
	Started   = "start"
	Updated   = "update"
	Completed = "complete"
	Stopped   = "stop"
)

// Announce is one announce as the tracker understood it.
type Announce struct {
	Event     string `json:"event"`     // Started, Updated, Completed or Stopped.
	InfoHash  string `json:"infohash"`  // 40 lower-case hex digits.
	PeerID    string `json:"peer_id"`   // 40 lower-case hex digits.
	Transport string `json:"transport"` // "http", "udp" or "ws".
	Port      int    `json:"port"`      // Where the peer says it listens; 0 over WebSocket.
	Left      int64  `json:"left"`      // Bytes the peer still lacks; -1 when it did not say.
}

// trackerReport is an announce or, once, where the tracker listens.
type trackerReport struct {
	Announce

	HTTP int `json:"http"`
	UDP  int `json:"udp"`
}

// StartTracker runs the bittorrent-tracker npm package on loopback: HTTP, UDP and WebSocket. It needs
// BittorrentTracker.
func StartTracker(t testing.TB, o TrackerOptions) *Tracker {
	t.Helper()
	Require(t, BittorrentTracker)
	return startTracker(t, o)
}

func startTracker(t testing.TB, o TrackerOptions) *Tracker {
	t.Helper()
	npmPath(t, "bittorrent-tracker", "server.js")
	address, host := "127.0.0.1", "127.0.0.1"
	if o.IPv6 {
		address, host = "::1", "[::1]"
	}
	script := startScripted[trackerReport](t,
		exec.Command("node", writeScript(t, "tracker.mjs", trackerScript), npmPath(t),
			strconv.FormatInt(o.Interval.Milliseconds(), 10), strconv.FormatInt(o.PeersCacheTTL.Milliseconds(), 10),
			strconv.Itoa(o.Port), address))
	first := script.waitReport(t, time.Minute, "its ports", func(r trackerReport) bool { return r.Event == "listening" })
	return &Tracker{
		HTTP:   fmt.Sprintf("http://%s:%d/announce", host, first.HTTP),
		UDP:    fmt.Sprintf("udp://127.0.0.1:%d/announce", first.UDP),
		WS:     fmt.Sprintf("ws://%s:%d", host, first.HTTP),
		script: script,
	}
}

// Kill ends the tracker as a crash does.
func (tr *Tracker) Kill() { tr.script.kill() }

// WaitEvent waits until a peer on port has announced event for the torrent, and returns that announce; it may have come
// before the call. Port 0 means any peer. The test ends if none comes within limit.
func (tr *Tracker) WaitEvent(t testing.TB, limit time.Duration, infohash, event string, port int) Announce {
	t.Helper()
	what := fmt.Sprintf("announce %q for %s from port %d", event, infohash, port)
	return tr.script.waitReport(t, limit, what, func(r trackerReport) bool {
		return r.InfoHash == infohash && r.Event == event && (port == 0 || r.Port == port)
	}).Announce
}

// Announces returns every announce for the torrent so far, oldest first.
func (tr *Tracker) Announces(infohash string) []Announce {
	all, _ := tr.script.reports.all()
	var of []Announce
	for _, r := range all {
		if r.InfoHash == infohash {
			of = append(of, r.Announce)
		}
	}
	return of
}
