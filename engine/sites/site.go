package sites

import (
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

const (
	keptRequests = 200 // recent requests remembered of a site
	keptEvents   = 100 // recent events remembered of a site
)

// site is one site in memory. Engine.mu guards it.
type site struct {
	row store.Site
	// url and localURL are the site's root in both spellings: they never change and are shown in every snapshot.
	url, localURL string
	torrent       *torrent // nil while its domain is being resolved, when that failed, and once it is evicted
	err           error    // why it cannot go on; nil when it can
	gone          bool     // deleted: whoever still holds it lets go
	// resolving says that a look-up is under way; expires is when the name should be looked up again.
	resolving bool
	expires   time.Time
	// inUse counts requests that hold the site.
	inUse    int
	requests []engine.Request
	log      []engine.Event
	// lonely is since when it has needed peers and had none.
	lonely time.Time
	// countedDown and countedUp are the torrent's counters up to which the row's totals are right.
	countedDown, countedUp int64
	// moved is closed, and replaced, whenever something that a waiting request looks at has changed.
	moved chan struct{}
}

// newSite makes a site of a row; root is the loopback server's root, or empty.
func newSite(row store.Site, root string) *site {
	s := &site{row: row, url: "wtp://" + row.Host + "/", moved: make(chan struct{})}
	if name, ok := strings.CutPrefix(root, "http://"); ok {
		s.localURL = "http://" + engine.Label(row.Host) + "." + name
	}
	return s
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

// count adds what the torrent has transferred since the last time to the site's totals, and reports whether that was
// anything.
func (s *site) count() bool {
	if s.torrent == nil {
		return false
	}
	down, up := s.torrent.last.Downloaded, s.torrent.last.Uploaded
	if down == s.countedDown && up == s.countedUp {
		return false
	}
	s.row.Downloaded += down - s.countedDown
	s.row.Uploaded += up - s.countedUp
	s.countedDown, s.countedUp = down, up
	return true
}

// hold and release bracket a torrent's time with the site, for the totals.
func (s *site) hold(t *torrent) {
	s.torrent = t
	s.countedDown, s.countedUp = t.last.Downloaded, t.last.Uploaded
}

func (s *site) release() {
	s.count()
	s.torrent = nil
	s.lonely = time.Time{}
}

// remember keeps the newest of a list that grows at its end.
func remember[T any](list []T, item T, most int) []T {
	list = append(list, item)
	if len(list) > most {
		list = append(list[:0:0], list[len(list)-most:]...)
	}
	return list
}
