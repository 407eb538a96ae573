package sites

import (
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

const (
	keptRequests = 200 // recent requests remembered of a site
	keptEvents   = 100 // recent events remembered of a site
)

// site is one site in memory. Only the owner touches it.
type site struct {
	row store.Site
	// saved is the row as it was last written to the disk. Nothing is reported as kept before it is in there.
	saved store.Site
	// url and localURL are the root URLs of the site. They are kept because every snapshot needs them and they never
	// change.
	url, localURL string
	isKey         bool     // its host is a key
	torrent       *torrent // nil while the domain is being resolved, if that failed, and after eviction
	err           error    // why the site cannot go on; nil if it can
	deleted       bool     // holders of the pointer must drop it
	// frozen counts writes in progress that contain the row and more. The row is not written by itself meanwhile.
	frozen int
	// wasComplete reports whether all of the site (list of files, data and row) was on the disk at the last check, so
	// that completion is reported once.
	wasComplete bool

	// linkPeers are the peers named by the last magnet link. They are not stored, since peers come and go.
	linkPeers []string

	name      nameLookup
	republish republishState
	next      nextVersion
	// rest is the state of resting, and lastCopy tracks whether this is the last copy.
	rest     restState
	lastCopy lastCopyState
	// copiesBefore are the copies elsewhere that were known when the torrent joined its swarm. Those met since are
	// counted anew.
	copiesBefore store.Copies

	// inUse counts requests that hold the site. lastUse is when one last began or ended.
	inUse    int
	lastUse  time.Time
	requests []engine.Request
	missing  missing
	log      []engine.Event
	// noPeersSince is since when the site has needed peers and had none; zero otherwise.
	noPeersSince time.Time
	// counted has the torrents that the site uses, or used until they leave the swarm, and how much of each one's
	// counters is included in the row's totals.
	counted tally
	// changed is closed and replaced whenever something changes that a waiting request depends on.
	changed chan struct{}
}

// newSite makes a site from a row. root is the loopback server's root URL, or empty.
func newSite(row store.Site, root string) *site {
	s := &site{row: row, changed: make(chan struct{}), counted: tally{}}
	s.setAddresses(row.Host, root)
	return s
}

// setAddresses sets the site's URLs.
func (s *site) setAddresses(host, root string) {
	s.url, s.localURL, s.isKey = "wtp://"+host+"/", localURL(host, root), engine.IsKey(host)
}

// localURL returns the site's root URL on the loopback server; empty if there is none.
func localURL(host, root string) string {
	if name, ok := strings.CutPrefix(root, "http://"); ok {
		return "http://" + engine.OriginLabel(host) + "." + name
	}
	return ""
}

// notify wakes the requests that wait for the site.
func (s *site) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// touch restarts the cache period.
func (s *site) touch(now time.Time, ttl time.Duration) {
	if !s.row.Pinned {
		s.row.ExpiresAt = now.Add(ttl)
	}
}

// torrents returns all torrents of the site: the served version, the next one and former ones.
func (s *site) torrents() []*torrent {
	var all []*torrent
	for t := range s.counted {
		if _, has := t.users[s]; has {
			all = append(all, t)
		}
	}
	return all
}

// otherInfohashes returns the infohashes of the site's next and former versions, without the served one.
func (s *site) otherInfohashes() []string {
	var all []string
	if s.row.Next != "" {
		all = append(all, s.row.Next)
	}
	for _, k := range s.row.Kept {
		all = append(all, k.Infohash)
	}
	return all
}

// keepsVersion reports whether the infohash is that of a former version that is still seeded.
func (s *site) keepsVersion(infohash string) bool {
	return slices.ContainsFunc(s.row.Kept, func(k store.KeptVersion) bool { return k.Infohash == infohash })
}

// describeSize returns how much data the site has, as the tail of a sentence.
func (s *site) describeSize() string {
	if s.torrent == nil || s.torrent.stats.Completed == 0 {
		return ""
	}
	return " (" + engine.Bytes(s.torrent.stats.Completed) + ")"
}

// transferred counts bytes of content.
type transferred struct{ down, up int64 }

// tally maps torrents to how much of their transfers has been counted.
type tally map[*torrent]transferred

// uncounted returns what the torrents have transferred since they were counted.
func (counted tally) uncounted() (sum transferred) {
	for t, c := range counted {
		sum.down += t.stats.Downloaded - c.down
		sum.up += t.stats.Uploaded - c.up
	}
	return sum
}

// countTransferred adds what the torrents have transferred since the last call to the site's totals. It reports whether
// that was anything.
func (s *site) countTransferred() bool {
	sum := s.counted.uncounted()
	if sum == (transferred{}) {
		return false
	}
	s.row.Downloaded += sum.down
	s.row.Uploaded += sum.up
	for t := range s.counted {
		s.counted[t] = t.transferred()
	}
	return true
}

// appendBounded appends an item to a list and keeps the newest limit items.
func appendBounded[T any](list []T, item T, limit int) []T {
	list = append(list, item)
	if len(list) > limit {
		list = list[len(list)-limit:] // append reallocates when the unused front has grown too long
	}
	return list
}
