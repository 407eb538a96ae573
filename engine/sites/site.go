package sites

import (
	"maps"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
	"wtptui/store"
)

const (
	keptRequests = 200 // recent requests remembered of a site
	keptEvents   = 100 // recent events remembered of a site
)

// site is one site in memory. Engine.mu guards it.
type site struct {
	row store.Site
	// saved is the row's infohash as the database has it.
	saved string
	// url and localURL are the site's root in both spellings: they never change and are shown in every snapshot.
	url, localURL string
	torrent       *torrent // nil while its domain is being resolved, when that failed, and once it is evicted
	err           error    // why it cannot go on; nil when it can
	gone          bool     // deleted: whoever still holds it lets go
	// resolving says that a look-up is under way, which is the lookUps-th; expires is when the name should be looked up again, and failures how
	// often in a row that has failed. answer and answerErr are what came of the last one; answer.Host is empty before.
	resolving bool
	lookUps   int
	expires   time.Time
	failures  int
	answer    resolve.Answer
	answerErr error
	// next is the torrent that is to take torrent's place, nextErr why it cannot be had, nextLonely since when it has
	// needed peers and had none, and nextDone since when it has been complete.
	next       *torrent
	nextErr    error
	nextLonely time.Time
	nextDone   time.Time
	// inUse counts requests that hold the site; lastUse is when one last began or ended.
	inUse    int
	lastUse  time.Time
	requests []engine.Request
	log      []engine.Event
	// lonely is since when it has needed peers and had none.
	lonely time.Time
	// counted are the torrents that the site holds, and their counters up to which the row's totals are right.
	counted map[*torrent]transferred
	// moved is closed, and replaced, whenever something that a waiting request looks at has changed.
	moved chan struct{}
}

// newSite makes a site of a row; root is the loopback server's root, or empty.
func newSite(row store.Site, root string) *site {
	s := &site{row: row, url: "wtp://" + row.Host + "/", moved: make(chan struct{}), counted: map[*torrent]transferred{}}
	s.localURL = localURL(row.Host, root)
	return s
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
	close(s.moved)
	s.moved = make(chan struct{})
}

// touch starts the cache period over.
func (s *site) touch(now time.Time, ttl time.Duration) {
	if !s.row.Pinned {
		s.row.ExpiresAt = now.Add(ttl)
	}
}

// transferred are bytes of content.
type transferred struct{ down, up int64 }

// uncounted is what the site's torrents have transferred since count.
func (s *site) uncounted() (sum transferred) {
	for t, c := range s.counted {
		sum.down += t.last.Downloaded - c.down
		sum.up += t.last.Uploaded - c.up
	}
	return sum
}

// count adds what the torrents have transferred since the last time to the site's totals, and reports whether that was
// anything.
func (s *site) count() bool {
	sum := s.uncounted()
	if sum == (transferred{}) {
		return false
	}
	s.row.Downloaded += sum.down
	s.row.Uploaded += sum.up
	for t := range s.counted {
		s.counted[t] = transferred{t.last.Downloaded, t.last.Uploaded}
	}
	return true
}

// hold begins to count what a torrent that the site has transfers.
func (s *site) hold(t *torrent) {
	if _, held := s.counted[t]; !held {
		s.counted[t] = transferred{t.last.Downloaded, t.last.Uploaded}
	}
}

// torrents are all torrents that the site holds.
func (s *site) torrents() []*torrent { return slices.Collect(maps.Keys(s.counted)) }

// remember keeps the newest of a list that grows at its end.
func remember[T any](list []T, item T, most int) []T {
	list = append(list, item)
	if len(list) > most {
		list = list[len(list)-most:] // append finds new memory when what is in front of it has grown too long
	}
	return list
}
