package engine

import "strings"

// Detail is everything that is known about one site. Lists are complete unless a field says otherwise; all texts are
// clean (see Clean).
type Detail struct {
	Site Site `json:"site"`
	// Name is the torrent's name (info.name); empty until it is known.
	Name string `json:"name"`
	// Files are all files in the torrent's order.
	Files []File `json:"files"`
	// Peers are the connected peers.
	Peers []Peer `json:"peers"`
	// Trackers are the trackers asked for this site.
	Trackers []Tracker `json:"trackers"`
	Pieces   Pieces    `json:"pieces"`
	// CheckedAt is since when all of it has been read from the disk and compared with its hashes; zero (null) if it
	// never has, or its files have changed since.
	CheckedAt Time `json:"checked_at"`
	// Requests are the most recent browser requests, newest first.
	Requests []Request `json:"requests"`
	// Domain is what the site's domain says; its Host is empty for an infohash.
	Domain Name `json:"domain"`
	// Versions are the infohashes that the site has had, newest first; empty for an infohash that was not published
	// here.
	Versions []Version `json:"versions"`
	// Published is the folder that the site was published from here, and how.
	Published PublishedFrom `json:"published"`
	// Log holds the site's recent events, oldest first.
	Log []Event `json:"log"`
}

// File is one file of a site.
type File struct {
	// Path is the file's path below the site's root with "/" between parts, made clean for showing.
	Path string `json:"path"`
	// URL is the file's address on the loopback server.
	URL string `json:"url"`
	// Size and Completed are in bytes.
	Size      int64 `json:"size"`
	Completed int64 `json:"completed"`
}

// Via is how a peer is connected.
type Via string

// The ways to a peer.
const (
	TCP     Via = "TCP"
	UTP     Via = "uTP"     // BEP 29
	WebRTC  Via = "WebRTC"  // a browser, or a hybrid client
	WebSeed Via = "WebSeed" // BEP 19
)

// Peer is one connected peer.
type Peer struct {
	// Address is the remote address and port.
	Address string `json:"address"`
	// Client is the name and version that the peer gives itself, or that its peer id names (BEP 20).
	Client string `json:"client"`
	Via    Via    `json:"via"`
	// Incoming reports whether the peer connected to us.
	Incoming bool `json:"incoming"`
	// Encrypted reports whether the stream is obfuscated (MSE).
	Encrypted bool `json:"encrypted"`
	// Source is how the peer was found: "tracker", "dht", "pex", "lsd", "incoming" or "given".
	Source string `json:"source"`
	// Done is the part of the site that the peer has, from 0 to 1.
	Done float64 `json:"done"`
	// Interested and Choking are ours; PeerInterested and PeerChoking are what the peer said.
	Interested     bool `json:"interested"`
	Choking        bool `json:"choking"`
	PeerInterested bool `json:"peer_interested"`
	PeerChoking    bool `json:"peer_choking"`
	// DownRate and UpRate are bytes of content per second; Downloaded and Uploaded are bytes over this connection.
	DownRate   int64 `json:"down_rate"`
	UpRate     int64 `json:"up_rate"`
	Downloaded int64 `json:"downloaded"`
	Uploaded   int64 `json:"uploaded"`
	// Since is when the connection was made.
	Since Time `json:"since"`
}

// CountWebTrackers returns how many WebTorrent trackers of the site work, and how many there are. Browsers find the
// site through these alone.
func (d Detail) CountWebTrackers() (working, all int) {
	for _, t := range d.Trackers {
		if !strings.HasPrefix(t.URL, "ws://") && !strings.HasPrefix(t.URL, "wss://") {
			continue
		}
		all++
		if t.Status == "working" {
			working++
		}
	}
	return working, all
}

// Tracker is one tracker's last word about a site.
type Tracker struct {
	URL string `json:"url"`
	// Status is "idle", "announcing", "working" or "failing".
	Status string `json:"status"`
	// Seeds and Leechers are the tracker's counts, -1 when it did not say.
	Seeds    int `json:"seeds"`
	Leechers int `json:"leechers"`
	// Peers is how many peers its last answer named.
	Peers int  `json:"peers"`
	Last  Time `json:"last"`
	Next  Time `json:"next"`
	// Error is the last announce's error, clean; empty when it worked.
	Error string `json:"error"`
	// Warning is what the tracker has to say although it worked, clean; usually empty.
	Warning string `json:"warning"`
}

// PieceState says what is known of one piece.
type PieceState string

// The states of a piece.
const (
	PieceMissing  PieceState = "missing"
	PiecePartial  PieceState = "partial" // some blocks are here, or requested
	PieceChecking PieceState = "checking"
	PieceComplete PieceState = "complete"
)

// Pieces describes all pieces of a site.
type Pieces struct {
	// Length is the length of each piece but the last, in bytes.
	Length int64 `json:"length"`
	Count  int   `json:"count"`
	// Runs are the states of all pieces, in order, run-length encoded; their counts add up to Count.
	Runs []PieceRun `json:"runs"`
	// Copies says how many connected peers have each piece, in order, run-length encoded; their counts add up to Count.
	// Empty while it is not known, and when no peer is connected.
	Copies []CopyRun `json:"copies"`
}

// PieceRun is a number of neighbouring pieces in the same state.
type PieceRun struct {
	State PieceState `json:"state"`
	Count int        `json:"count"`
}

// CopyRun is a number of neighbouring pieces that equally many peers have.
type CopyRun struct {
	Copies int `json:"copies"`
	Count  int `json:"count"`
}

// Request is one browser request to a site, for the person who wonders why a page is slow.
type Request struct {
	At     Time   `json:"at"`
	Method string `json:"method"`
	// Path is the decoded path with its query, clean.
	Path string `json:"path"`
	// Page is the Path of the page of the same site that asked for it, clean; empty if none did.
	Page   string `json:"page"`
	Status int    `json:"status"`
	// Cut reports whether the body ended before its end, because what was missing did not come.
	Cut bool `json:"cut"`
	// Bytes is the number of body bytes sent.
	Bytes int64 `json:"bytes"`
	// Wait is the time to the first body byte and Took the time to the last one, in nanoseconds.
	Wait int64 `json:"wait"`
	Took int64 `json:"took"`
	// Pieces is how many pieces had to be waited for, and From names the peers that they came from, at most eight.
	Pieces int      `json:"pieces"`
	From   []string `json:"from"`
}

// VersionState says what becomes of a version.
type VersionState string

// The states of a version.
const (
	VersionCurrent VersionState = "current" // the one that is served
	VersionNext    VersionState = "next"    // being fetched, to be served when it is complete
	VersionKept    VersionState = "kept"    // served before, and still seeded until KeptUntil
	VersionGone    VersionState = "gone"    // not here any more
)

// Version is one infohash that a site has had.
type Version struct {
	Infohash string `json:"infohash"`
	// FirstSeen and LastSeen are when an answer named it first and last.
	FirstSeen Time `json:"first_seen"`
	LastSeen  Time `json:"last_seen"`
	// Source is who said so: a resolver's URL, the .well-known file's, or "published".
	Source string       `json:"source"`
	State  VersionState `json:"state"`
	// KeptUntil is when a kept version is dropped; zero otherwise.
	KeptUntil Time `json:"kept_until"`
	// Size is the version's length in bytes; -1 while it is unknown.
	Size int64 `json:"size"`
}
