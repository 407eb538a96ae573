package swarm

import (
	"log/slog"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
)

// Encryption is the policy for obfuscating connections to peers; see package dial.
type Encryption = dial.Encryption

// Encryptions maps the names in the user's settings to policies.
var Encryptions = map[string]Encryption{"tolerate": dial.PlainFirst, "prefer": dial.Prefer, "require": dial.Require}

// Config holds the settings of a Client. They were chosen by the person who runs the program and are trusted:
// addresses may be on loopback, unlike those that torrents name.
type Config struct {
	// Dir is the folder in which each torrent has a folder named by its infohash.
	Dir string
	// Completion records finished pieces.
	Completion Completion
	// PeerHost is the address to listen on for peers; empty means all.
	PeerHost string
	// PeerPort is the TCP and uTP port; 0 picks a free one. If it is taken the next free port is used, and Status has
	// a warning that says so.
	PeerPort int
	// Trackers are announce URLs for every torrent: http, https, udp, and ws or wss for WebTorrent.
	Trackers []string
	// OwnTracker is the tracker in this process; nil if there is none.
	OwnTracker *OwnTracker
	// TrackerMinInterval is the shortest time between two regular announces of a torrent to one of Trackers, and half of
	// that to a WebTorrent tracker; 0 means one minute. With less, a tracker that fails is tried again sooner too.
	// Trackers that torrents name are not announced to more often than once a minute.
	TrackerMinInterval time.Duration
	// Encryption is the policy for obfuscating connections (MSE).
	Encryption Encryption
	// ICEServers are used for connections with browsers. If there are none, only direct connections are possible.
	ICEServers []ICEServer
	// DHT, LSD and UPnP enable BEP 5, BEP 14 and port forwarding.
	DHT, LSD, UPnP bool
	// DHTBootstrap holds the host:port addresses of bootstrap nodes; if empty, the public ones are used.
	DHTBootstrap []string
	// MaxConns limits the connections of all torrents, an eighth of which is reserved for torrents that fetch data. 0
	// means a default that fits the limit on open files.
	MaxConns int
	// MaxConnsEach limits the connections of one torrent; 0 means DefaultConnsEach.
	MaxConnsEach int
	Limits       engine.Limits
	// MinFree is how much disk space must stay free, in bytes. Downloads pause below it.
	MinFree int64
	Logger  *slog.Logger
}
