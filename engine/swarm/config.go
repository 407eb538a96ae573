package swarm

import (
	"log/slog"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
)

// Encryption says whether connections to peers are obfuscated; see package dial.
type Encryption = dial.Encryption

// Encryptions are the names that persons give them.
var Encryptions = map[string]Encryption{"tolerate": dial.PlainFirst, "prefer": dial.Prefer, "require": dial.Require}

// Config says how to take part in swarms. What stands here was chosen by the person who runs the program and is
// trusted: it may be on loopback, unlike what torrents name.
type Config struct {
	// Dir is the folder in which each torrent has a folder named by its infohash.
	Dir string
	// Completion remembers finished pieces.
	Completion Completion
	// PeerHost is the address to listen on for peers; empty means all.
	PeerHost string
	// PeerPort is the TCP and uTP port; 0 picks a free one. If it is taken the next free one is used, and Status
	// has a warning that says so.
	PeerPort int
	// Trackers are announce URLs for every torrent: http, https, udp, and ws or wss for WebTorrent.
	Trackers []string
	// OwnTracker is the tracker in this process; nil if there is none.
	OwnTracker *OwnTracker
	// TrackerMinInterval is the shortest time between two regular announces of a torrent to one of Trackers, and half of
	// that to a WebTorrent tracker; 0 means one minute. With less, a tracker that fails is tried again sooner too.
	// Trackers that torrents name are not announced to more often than once a minute.
	TrackerMinInterval time.Duration
	// Encryption says whether connections to peers are obfuscated (MSE).
	Encryption Encryption
	// ICEServers help browsers and us to find a way to each other; empty means direct ways only.
	ICEServers []ICEServer
	// DHT, LSD and UPnP switch BEP 5, BEP 14 and port forwarding.
	DHT, LSD, UPnP bool
	// DHTBootstrap are host:port nodes to begin with; empty means the public ones.
	DHTBootstrap []string
	// MaxConns bounds connections over all torrents, an eighth of which is for those that fetch something; 0 means a
	// default that fits the limit on open files.
	MaxConns int
	// MaxConnsEach bounds connections of a torrent; 0 means DefaultConnsEach.
	MaxConnsEach int
	Limits       engine.Limits
	// MinFree is how much disk space must stay free, in bytes: below it downloading pauses.
	MinFree int64
	Logger  *slog.Logger
}
