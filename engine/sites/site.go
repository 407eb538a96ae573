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

// site is one site in memory. It belongs to the owner.
type site struct {
	row store.Site
	// disk is the row as it was written last: nothing is told as kept before it is in there.
	saved store.Site
	// url and localURL are the site's root in both spellings: they never change and are shown in every snapshot.
	url, localURL string
	isKey         bool     // its host is a key
	torrent       *torrent // nil while its domain is being resolved, when that failed, and once it is evicted
	err           error    // why it cannot go on; nil when it can
	deleted       bool     // deleted: whoever still holds it lets go
	// frozen counts what is being written that says more than its row: the row is not written meanwhile.
	frozen int
	// whole says that all of it, its list of files and its row are on the disk, so that this is told only once.
	wasComplete bool

	// given are the peers that a magnet link named last; they are not kept, since peers come and go.
	linkPeers []string

	name      nameLookup
	republish republishState
	next      nextVersion
	// rest says whether the site rests, and alone whether it is the last copy.
	rest     restState
	lastCopy lastCopyState
	// before are the copies elsewhere that were known when its torrent joined the swarm: those that are met now are
	// counted anew.
	copiesBefore store.Copies

	// inUse counts requests that hold the site; lastUse is when one last began or ended.
	inUse    int
	lastUse  time.Time
	requests []engine.Request
	missing  missing
	log      []engine.Event
	// lonely is since when it has needed peers and had none.
	noPeersSince time.Time
	// counted are the torrents that the site holds or has held until they have left the swarm, and their counters up to
	// which the row's totals are right.
	counted tally
	// moved is closed, and replaced, whenever something that a waiting request looks at has changed.
	changed chan struct{}
}

// newSite makes a site of a row; root is the loopback server's root, or empty.
func newSite(row store.Site, root string) *site {
	s := &site{row: row, changed: make(chan struct{}), counted: tally{}}
	s.setAddresses(row.Host, root)
	return s
}

// call gives the site its addresses.
func (s *site) setAddresses(host, root string) {
	s.url, s.localURL, s.isKey = "wtp://"+host+"/", localURL(host, root), engine.IsKey(host)
}

// localURL is a site's root on the loopback server, or empty.
func localURL(host, root string) string {
	if name, ok := strings.CutPrefix(root, "http://"); ok {
		return "http://" + engine.Label(host) + "." + name
	}
	return ""
}

// notify wakes the requests that wait for the site.
func (s *site) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// touch starts the cache period over.
func (s *site) touch(now time.Time, ttl time.Duration) {
	if !s.row.Pinned {
		s.row.ExpiresAt = now.Add(ttl)
	}
}

// torrents are all torrents that the site has: as what it serves, is to serve, or has served.
func (s *site) torrents() []*torrent {
	var all []*torrent
	for t := range s.counted {
		if _, has := t.users[s]; has {
			all = append(all, t)
		}
	}
	return all
}

// hashes are the infohashes of all versions that the site has, or is to have, besides the one that is served.
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

// keeps says that the infohash is that of a former version which is still seeded.
func (s *site) keepsVersion(infohash string) bool {
	return slices.ContainsFunc(s.row.Kept, func(k store.Kept) bool { return k.Infohash == infohash })
}

// describeSize says how much data the site has, as the tail of a sentence.
func (s *site) describeSize() string {
	if s.torrent == nil || s.torrent.stats.Completed == 0 {
		return ""
	}
	return " (" + engine.Bytes(s.torrent.stats.Completed) + ")"
}

// transferred are bytes of content.
type transferred struct{ down, up int64 }

// tally has torrents, and how much of what each has transferred is counted.
type tally map[*torrent]transferred

// uncounted is what the torrents have transferred since.
func (counted tally) uncounted() (sum transferred) {
	for t, c := range counted {
		sum.down += t.stats.Downloaded - c.down
		sum.up += t.stats.Uploaded - c.up
	}
	return sum
}

// count adds what the torrents have transferred since the last time to the site's totals, and reports whether that was
// anything.
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

// remember keeps the newest of a list that grows at its end.
func appendBounded[T any](list []T, item T, limit int) []T {
	list = append(list, item)
	if len(list) > limit {
		list = list[len(list)-limit:] // append finds new memory when what is in front of it has grown too long
	}
	return list
}
