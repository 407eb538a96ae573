package engine

import (
	"net/url"
	"strings"
	"time"
)

// UndoPeriod is the minimum time for which an eviction can be undone, also without a bin.
const UndoPeriod = 10 * time.Second

// Snapshot is the whole state at one moment. It is immutable: it may be kept and read from any goroutine, and nobody
// changes it or the slices in it.
type Snapshot struct {
	// Seq counts snapshots, from 1; it grows with each one an engine makes, delivered or not.
	Seq uint64 `json:"seq"`
	// At is when the snapshot was taken.
	At Time `json:"at"`
	// Sites are all sites, sorted by host, and in a fleet those of one host by machine: see CompareSites.
	Sites []Site `json:"sites"`
	// Status is about the engine as a whole.
	Status Status `json:"status"`
	// Events are the notable events since the watcher's last snapshot, oldest first. In the first snapshot they are
	// the most recent ones. When their Seq leaves a gap, the watcher was so slow that older ones were dropped.
	Events []Event `json:"events"`
}

// State says how far a site is.
type State string

// The states of a site, in the order in which a healthy one goes through them.
const (
	Resolving   State = "resolving"   // its domain is being looked up
	Metadata    State = "metadata"    // its infohash is known, its list of files is not (BEP 9)
	Downloading State = "downloading" // pieces are missing, being checked, or being written down
	Seeding     State = "seeding"     // all is there, and would survive a power cut
	Paused      State = "paused"      // not in the swarm, by request
	// Found is a site whose data was found in the data folder, and nothing says who put it there. It is neither
	// served nor in the swarm, and never expires: a person takes it up (Resume, Pin, Touch) or has its data deleted
	// (Remove).
	Found  State = "found"
	Failed State = "error" // see Error for why and what to do
)

// Site is what a person opened: a domain or an infohash, and the torrent it points to now. All texts are clean (see
// Clean). Its JSON form is what `wtptui ls --json` prints.
type Site struct {
	// Host is the site's identity on its machine: a domain as lower-case A-labels, an infohash as 40 lower-case hex
	// digits, or a key as 52 lower-case characters of z-base-32.
	Host string `json:"host"`
	// Machine is the name of the machine in a fleet that has the site; empty in any other engine. See Ref.
	Machine string `json:"machine,omitempty"`
	// Away reports whether there is no connection to that machine now: all else is as it was last. See Machine.Away.
	Away bool `json:"away,omitempty"`
	// Infohash is the BitTorrent v1 infohash in lower-case hex; empty while a domain is being resolved.
	Infohash string `json:"infohash"`
	// URL is the site's root as a wtp URL.
	URL string `json:"url"`
	// LocalURL is the site's root on the loopback server; empty when none is served.
	LocalURL string `json:"local_url"`
	// PublicURL is the root that anybody opens with any browser: at the site's home that is on (see Home), or else the one
	// that a person gave when publishing it. Empty if there is neither.
	PublicURL string `json:"public_url"`
	// NextInfohash is the version that is being fetched to take the current one's place; empty when there is none.
	NextInfohash string `json:"next_infohash"`
	// NextCheck is when the site's domain will be looked up again; zero (null) for an infohash and for a held site.
	NextCheck Time `json:"next_check"`
	// Record is what the owner of the site's key has signed, for a site that a key decides; otherwise it is zero.
	Record Record `json:"record,omitzero"`
	// NextKey is the key that the site's domain names now in place of the one that decided until now: see AcceptKey. Empty
	// if there is none.
	NextKey string `json:"next_key,omitempty"`
	// Held reports whether the site stays at its version whatever its domain says (see Engine.Switch).
	Held bool `json:"held"`
	Flags
	// Title is the site's title, or the torrent's name, or empty.
	Title string `json:"title"`
	State State  `json:"state"`
	// Awaiting says in a few words what a site that is not complete waits for ("peers: none found in 3m").
	Awaiting string `json:"awaiting"`
	// Checking reports whether data on disk is being hashed.
	Checking bool `json:"checking"`
	Pinned   bool `json:"pinned"`
	// Mine reports whether the site was published here.
	Mine bool `json:"mine"`
	// Own reports whether a person published it here: it can be neither unpinned nor evicted. The site that comes with
	// wtptui is not one of these.
	Own bool `json:"own"`
	// Labels are what a person has put on the site to group it with others, sorted; see ParseLabel.
	Labels []string `json:"labels"`
	// InUse reports whether a request to the site is being answered, or whether it is kept open (see Engine.KeepOpen); it
	// does not expire meanwhile.
	InUse bool `json:"in_use"`
	// ExpiresAt is when the site leaves the cache unless it is opened again; zero (null) for a pinned and for a found
	// one.
	ExpiresAt Time `json:"expires_at"`
	// Size is the total length of all files in bytes; -1 until it is known.
	Size int64 `json:"size"`
	// Completed is how many of these bytes are here and verified.
	Completed int64 `json:"completed"`
	// Files is the number of files; 0 until it is known.
	Files int `json:"files"`
	// Peers are connected peers; Seeds and WebPeers are those of them that have everything, and those over WebRTC.
	Peers    int `json:"peers"`
	Seeds    int `json:"seeds"`
	WebPeers int `json:"web_peers"`
	// KnownPeers are all peers heard of, connected or not.
	KnownPeers int `json:"known_peers"`
	// Copies is how many complete copies there are elsewhere, as far as anybody could tell: the larger of the highest
	// number of seeds that one tracker counts, without this machine, and the number of different complete peers that
	// were connected in the last day. It is -1 while neither a tracker nor a peer has told.
	Copies int `json:"copies"`
	// WebCopies is the same of those that browsers reach: by WebTorrent trackers and by peers over WebRTC.
	WebCopies int `json:"web_copies"`
	// Enough makes the site rest while at least that many others seed it. 0 means as Status.Enough says, and -1 that
	// it never rests.
	Enough int `json:"enough"`
	// Resting reports whether the site is out of the swarm because enough others seed it, or because it was seeded for
	// long enough (see Goals). Its State stays Seeding: all of it is here, is served, and joins again by itself.
	Resting bool `json:"resting"`
	// DownRate and UpRate are bytes of content per second, averaged over a few seconds.
	DownRate int64 `json:"down_rate"`
	UpRate   int64 `json:"up_rate"`
	// Downloaded and Uploaded are bytes of content since the site was first added, over all runs.
	Downloaded int64 `json:"downloaded"`
	Uploaded   int64 `json:"uploaded"`
	AddedAt    Time  `json:"added_at"`
	LastOpen   Time  `json:"last_open"`
	// CompleteAt is when all of this version was here first; zero (null) while it is not.
	CompleteAt Time `json:"complete_at"`
	// MissingParts is how many files of the page at MissingPage, the last one that was sent in this run, did not arrive in
	// time: the page has to be loaded again. It is 0 if none is missing.
	MissingParts int `json:"missing_parts"`
	// MissingPage is the page's path with its query, decoded and clean; empty if nothing is missing.
	MissingPage string `json:"missing_page"`
	// Error says what is wrong and what to do; empty unless State is Failed or a fault lets the site go on.
	Error string `json:"error"`
	// ErrorKind classifies Error.
	ErrorKind Kind `json:"error_kind"`
}

// Done returns the part of the site that is here, from 0 to 1; 0 while its size is unknown, and 1 for an empty site.
func (s Site) Done() float64 {
	switch {
	case s.Size < 0:
		return 0
	case s.Size == 0:
		return 1
	}
	return float64(s.Completed) / float64(s.Size)
}

// endangeredBelow is how many copies elsewhere are enough for a site not to be endangered.
const endangeredBelow = 2

// IsComplete reports whether all of the site is here and verified.
func (s Site) IsComplete() bool { return s.Size > 0 && s.Completed == s.Size }

// KeepReason returns why the site is here, in one word: found, mine, pinned or cached.
func (s Site) KeepReason() string {
	switch {
	case s.State == Found:
		return "found"
	case s.Mine:
		return "mine"
	case s.Pinned:
		return "pinned"
	}
	return "cached"
}

// IsLastCopy reports whether the site is complete here and, as far as is known, nowhere else.
func (s Site) IsLastCopy() bool { return s.IsComplete() && s.Copies == 0 }

// IsEndangered reports whether a site that somebody here cares for, pinned, own or complete, is known to have fewer
// than two copies elsewhere. A site whose copies are unknown is not.
func (s Site) IsEndangered() bool {
	return s.State != Found && s.Copies >= 0 && s.Copies < endangeredBelow && (s.Pinned || s.Mine || s.IsComplete())
}

// MissingPageURL returns the URL of MissingPage on the loopback server; empty if nothing is missing, or there is no
// server.
func (s Site) MissingPageURL() string {
	if s.MissingParts == 0 || s.LocalURL == "" {
		return ""
	}
	page := url.URL{}
	page.Path, page.RawQuery, _ = strings.Cut(strings.TrimPrefix(s.MissingPage, "/"), "?")
	// What would be taken for a scheme, or for another host, is a path all the same.
	return s.LocalURL + strings.TrimPrefix(strings.TrimPrefix(page.String(), "./"), "/")
}

// Ratio returns the uploaded bytes per byte of the site's size; false if the size is unknown or zero.
func (s Site) Ratio() (float64, bool) {
	if s.Size <= 0 {
		return 0, false
	}
	return float64(s.Uploaded) / float64(s.Size), true
}

// Status is about the engine as a whole.
type Status struct {
	// Version is the running program's version.
	Version string `json:"version"`
	// DataDir is the folder where everything is kept.
	DataDir string `json:"data_dir"`
	// StartedAt is when this engine started.
	StartedAt Time `json:"started_at"`
	// Online reports whether a peer, a tracker or the DHT answers.
	Online bool `json:"online"`
	// ServeURL is the loopback server's own root, "http://localhost:7780/"; empty when none is served.
	ServeURL string `json:"serve_url"`
	// PeerPort is the TCP and uTP port that peers reach; 0 when the engine does not listen.
	PeerPort int `json:"peer_port"`
	// PortOpen reports whether a peer from outside has connected to PeerPort in this run.
	PortOpen bool `json:"port_open"`
	// DHTNodes is the number of good nodes in the DHT's table (BEP 5); -1 when the DHT is off.
	DHTNodes int `json:"dht_nodes"`
	// WebTrackers are the WebTorrent trackers that are connected: with none, no browser can find a site here.
	WebTrackers int `json:"web_trackers"`
	// Peers and WebPeers are the connections of all sites, and those of them over WebRTC.
	Peers    int `json:"peers"`
	WebPeers int `json:"web_peers"`
	// DownRate and UpRate are the sums over all sites, bytes of content per second.
	DownRate int64 `json:"down_rate"`
	UpRate   int64 `json:"up_rate"`
	// CacheUsed is what all sites take on disk that are neither pinned, own, allowed nor found, CacheLimit how much
	// they may take, in bytes; 0 means no limit.
	CacheUsed  int64 `json:"cache_used"`
	CacheLimit int64 `json:"cache_limit"`
	// Disk is where the data of all sites is.
	Disk Disk `json:"disk"`
	// Queue is what waits for its turn.
	Queue Queue `json:"queue"`
	// Names says how the domains and keys of kept sites are.
	Names Names `json:"names"`
	// Bin is what was sent away and can come back.
	Bin Bin `json:"bin"`
	// Limits are those over all sites that hold now.
	Limits Limits `json:"limits"`
	// LabelLimits are those of labels, sorted by label.
	LabelLimits []Limits `json:"label_limits"`
	// Schedule says which schedule holds, which may have changed Limits.
	Schedule Scheduled `json:"schedule"`
	// Goals say when a complete site has been seeded for long enough: those of all sites, and those of labels.
	Goals []Goals `json:"goals"`
	// Enough is how many others must seed a complete site for it to rest, where Site.Enough is 0. 0 means that it never
	// does.
	Enough int `json:"enough"`
	// Trackers are all trackers in use, each with what it said last for any site: Seeds, Leechers and Peers are sums
	// over the sites.
	Trackers []Tracker `json:"trackers"`
	// Resolvers are the DNS over HTTPS servers in use.
	Resolvers []Resolver `json:"resolvers"`
	// Homes are the domains on which sites are served to any browser, sorted by name; empty if there are none.
	Homes []Home `json:"homes"`
	// HomeTracker is the tracker of those homes.
	HomeTracker HomeTracker `json:"home_tracker"`
	// Scrub is about finished data, which is read again from time to time and compared with its hashes.
	Scrub Scrub `json:"scrub"`
	// Warnings are conditions that last and that a person should know ("port 42069 is taken, using 42070").
	Warnings []string `json:"warnings"`
	// Away says why there is no connection to an engine in another process now: everything else is what was there last.
	// It is empty while there is one.
	Away string `json:"away,omitempty"`
	// Machines are those of a fleet, in the order in which a person has named them; empty for any other engine. Of a
	// fleet, rates and counts are sums, and what cannot be summed is empty here.
	Machines []Machine `json:"machines,omitempty"`
}

// Scrub says how far finished data has been read again. The counts are those of this run.
type Scrub struct {
	// Period is within how many seconds all of it should be read; 0 means that it never is.
	Period int64 `json:"period_seconds"`
	// Host is the site that is being read; empty while none is. Done is the part of it that has been read, from 0 to 1.
	Host string  `json:"host"`
	Done float64 `json:"done"`
	// Waiting says in a few words why nothing is read although it is due; empty otherwise.
	Waiting string `json:"waiting"`
	// Bytes and Pieces were read; Damaged pieces were not what they should be.
	Bytes   int64 `json:"bytes"`
	Pieces  int64 `json:"pieces"`
	Damaged int64 `json:"damaged"`
	// Unchecked is how many finished torrents have not been read whole since they were finished or their files changed.
	// Oldest is the earliest time at which one of the others was last read whole; zero when there are none.
	Unchecked int  `json:"unchecked"`
	Oldest    Time `json:"oldest"`
}

// Limits bounds transfer over all sites, or over those with a label, in bytes of content per second; 0 means unlimited.
// A site keeps to those of all its labels.
type Limits struct {
	// Label is empty for the limits over all sites.
	Label string `json:"label,omitempty"`
	Down  int64  `json:"down"`
	Up    int64  `json:"up"`
	// Machine is the machine of a fleet whose limits they are; other engines ignore it.
	Machine string `json:"machine,omitempty"`
}

// Level says how much an event matters.
type Level string

// The levels of events.
const (
	Info    Level = "info"
	Warning Level = "warning"
	Problem Level = "error"
)

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	Added     EventKind = "added"
	Resolved  EventKind = "resolved"  // a domain got its infohash, or a new one
	Described EventKind = "described" // the list of files arrived
	Completed EventKind = "completed" // all of it has arrived and been written down
	Pinned    EventKind = "pinned"
	Unpinned  EventKind = "unpinned"
	Expired   EventKind = "expired" // left the cache by itself
	Evicted   EventKind = "evicted" // left by request; can be undone while it lies in the bin
	Restored  EventKind = "restored"
	Removed   EventKind = "removed" // left by request, with its history
	Noticed   EventKind = "noticed" // anything else; Level and Text tell
)

// Event is one notable thing that happened. Rates and peers coming and going are not events.
type Event struct {
	// Seq counts events, from 1, without gaps as long as the engine runs.
	Seq   uint64    `json:"seq"`
	At    Time      `json:"at"`
	Level Level     `json:"level"`
	Kind  EventKind `json:"kind"`
	// Host is the Ref of the site it is about; empty for the engine as a whole.
	Host string `json:"host"`
	// Text says it to a person, clean, without the host.
	Text string `json:"text"`
}
