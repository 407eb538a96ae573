package store

import (
	"time"

	bolt "go.etcd.io/bbolt"
)

// Site is the stored state of a site. Times are in UTC, and zero for never.
type Site struct {
	// Host is the row's key: see engine.Site.Host.
	Host string `json:"host"`
	// Infohash is empty until a domain has been resolved.
	Infohash string `json:"infohash,omitempty"`
	Title    string `json:"title,omitempty"`
	Pinned   bool   `json:"pinned,omitempty"`
	// Mine reports whether the site was published here.
	Mine   bool `json:"mine,omitempty"`
	Paused bool `json:"paused,omitempty"`
	// Allowed reports whether a person accepted a size over the limit.
	Allowed bool `json:"allowed,omitempty"`
	Flags
	// Labels are those that a person has put on the site, sorted.
	Labels []string `json:"labels,omitempty"`
	// Enough is engine.Site.Enough: 0 means the default, and -1 never.
	Enough int `json:"enough,omitempty"`
	// Shared reports whether another peer was complete when that was known last.
	Shared bool `json:"shared,omitempty"`
	// Complete is since when the site has been complete here.
	Complete Completion `json:"complete,omitzero"`
	// Copies are the complete copies elsewhere when they were known last.
	Copies   Copies    `json:"copies,omitzero"`
	AddedAt  time.Time `json:"added_at,omitzero"`
	LastOpen time.Time `json:"last_open,omitzero"`
	// ExpiresAt is zero for a pinned site.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// EvictedAt is not zero while the site is in the bin. Removed reports whether its history is deleted with it, and
	// BinBytes is what it takes there. BinUntil is until when it can be restored, also if it was opened again meanwhile.
	EvictedAt time.Time `json:"evicted_at,omitzero"`
	Removed   bool      `json:"removed,omitempty"`
	BinBytes  int64     `json:"bin_bytes,omitempty"`
	BinUntil  time.Time `json:"bin_until,omitzero"`
	// Trackers and WebSeeds are the URLs that the site's magnet link or .torrent file named.
	Trackers []string `json:"trackers,omitempty"`
	WebSeeds []string `json:"web_seeds,omitempty"`
	// HintTrackers and HintWebSeeds are the URLs that its domain names now.
	HintTrackers []string `json:"hint_trackers,omitempty"`
	HintWebSeeds []string `json:"hint_web_seeds,omitempty"`
	// Held reports whether the site stays at Infohash whatever its domain says.
	Held bool `json:"held,omitempty"`
	// Next is the version that is being fetched to replace Infohash; empty if there is none.
	Next string `json:"next,omitempty"`
	// NameTTL is for how many seconds other resolvers may cache that the domain points to Infohash.
	NameTTL int64 `json:"name_ttl_seconds,omitempty"`
	// Kept are former versions that are still seeded, oldest first.
	Kept []KeptVersion `json:"kept,omitempty"`
	// Downloaded and Uploaded are bytes of content since the row was created.
	Downloaded int64 `json:"downloaded,omitempty"`
	Uploaded   int64 `json:"uploaded,omitempty"`
	// Rev grows with each change that is written, over all sites. Of two states of a site, the one with the higher Rev is
	// newer.
	Rev int64 `json:"rev,omitempty"`
	// Found reports whether the site's data was found in the data folder and no person has decided about it yet.
	Found bool `json:"found,omitempty"`
}

// Flags are the site's booleans: see engine.Flags, which has the same fields in the same order.
type Flags struct {
	NoClearnet bool `json:"no_clearnet,omitempty"`
}

// Copies holds how many complete copies of a torrent there were elsewhere at a time, and how many of them browsers
// reach; WebCopies is -1 if that was unknown. The zero value means that nothing is known.
type Copies struct {
	Infohash  string    `json:"infohash"`
	Copies    int       `json:"copies"`
	WebCopies int       `json:"web_copies"`
	At        time.Time `json:"at"`
}

// Completion is when a torrent was first complete here. The zero value means not yet.
type Completion struct {
	Infohash string    `json:"infohash"`
	At       time.Time `json:"at"`
}

// AsStored returns the site as it is read after it was written.
func (s Site) AsStored() Site {
	for _, t := range []*time.Time{
		&s.AddedAt, &s.LastOpen, &s.ExpiresAt, &s.EvictedAt, &s.BinUntil, &s.Complete.At, &s.Copies.At,
	} {
		*t = toUTC(*t)
	}
	for _, l := range []*[]string{&s.Trackers, &s.WebSeeds, &s.HintTrackers, &s.HintWebSeeds, &s.Labels} {
		if len(*l) == 0 {
			*l = nil
		}
	}
	kept := s.Kept
	s.Kept = nil
	for _, k := range kept {
		s.Kept = append(s.Kept, KeptVersion{k.Infohash, toUTC(k.Until)})
	}
	return s
}

// KeptVersion is a former version of a site that is still seeded.
type KeptVersion struct {
	Infohash string `json:"infohash"`
	// Until is when it is deleted.
	Until time.Time `json:"until,omitzero"`
}

// HistoryEntry is what is stored of a host that was ever a site. It outlives the site, until Forget.
type HistoryEntry struct {
	Host string `json:"host"`
	// Infohash and Title are the last ones known.
	Infohash string `json:"infohash,omitempty"`
	Title    string `json:"title,omitempty"`
	// FirstOpen is when the host was first added, LastOpen when it was last opened.
	FirstOpen time.Time `json:"first_open,omitzero"`
	LastOpen  time.Time `json:"last_open,omitzero"`
	// Downloaded and Uploaded are bytes of content over all periods in which the host was a site.
	Downloaded int64 `json:"downloaded,omitempty"`
	Uploaded   int64 `json:"uploaded,omitempty"`
}

// Sites returns all sites, sorted by host.
func (db *DB) Sites() (sites []Site, err error) {
	err = db.view("list sites", func(tx *bolt.Tx) error {
		sites, err = decodeAll(tx, sitesBucket, decodeSite)
		return err
	})
	return sites, err
}

// PutSites stores sites and their history in one transaction, which is on the disk when it returns.
func (db *DB) PutSites(sites ...Site) error {
	if len(sites) == 0 {
		return nil
	}
	return db.update("put sites", func(t *Tx) error {
		for _, s := range sites {
			if err := t.PutSite(s); err != nil {
				return err
			}
		}
		return nil
	})
}

// PutSite stores a site and its history.
func (t *Tx) PutSite(s Site) error {
	if s.Host == "" {
		return invalidError("a site needs a host")
	}
	s = s.AsStored()
	var old Site
	var err error
	if b := t.get(sitesBucket, []byte(s.Host)); b != nil {
		if old, err = decodeSite([]byte(s.Host), b); err != nil {
			return err
		}
	}
	entry := HistoryEntry{Host: s.Host, FirstOpen: s.AddedAt}
	stored := t.get(historyBucket, []byte(s.Host))
	if stored != nil {
		if entry, err = decodeHistoryEntry([]byte(s.Host), stored); err != nil {
			return err
		}
	}
	before := entry
	if entry.update(old, s); entry != before || stored == nil {
		if err := t.putJSON(historyBucket, s.Host, entry); err != nil {
			return err
		}
	}
	return t.putJSON(sitesBucket, s.Host, s)
}

// update updates the entry for a row that changes from old, zero if it is new, to s. A new row's totals begin at zero,
// so the entry adds what has been added to them.
func (v *HistoryEntry) update(old, s Site) {
	if s.Infohash != "" {
		v.Infohash = s.Infohash
	}
	if s.Title != "" {
		v.Title = s.Title
	}
	if s.LastOpen.After(v.LastOpen) {
		v.LastOpen = s.LastOpen
	}
	v.Downloaded += max(0, s.Downloaded-old.Downloaded)
	v.Uploaded += max(0, s.Uploaded-old.Uploaded)
}

// DeleteSite deletes a site's row and publication, if they exist. Its history stays. Its data is deleted only if the
// same transaction puts a tombstone.
func (t *Tx) DeleteSite(host string) error {
	return t.removeFromAll(host, publicationsBucket, sitesBucket)
}

// Forget deletes everything that is stored about a host: row, publication, history, and the infohashes that its name
// has had. Its tombstone stays until the data is deleted.
func (t *Tx) Forget(host string) error {
	return t.removeFromAll(host, sitesBucket, historyBucket, namesBucket, publicationsBucket)
}

func (t *Tx) removeFromAll(host string, buckets ...string) error {
	for _, bucket := range buckets {
		if err := t.remove(bucket, []byte(host)); err != nil {
			return err
		}
	}
	return nil
}

// History returns the entries of all hosts that were ever sites and have not been forgotten, sorted by host.
func (db *DB) History() (entries []HistoryEntry, err error) {
	err = db.view("list history", func(tx *bolt.Tx) error {
		entries, err = decodeAll(tx, historyBucket, decodeHistoryEntry)
		return err
	})
	return entries, err
}

func decodeSite(key, value []byte) (Site, error) {
	return decode(sitesBucket, key, value, func(s Site) string { return s.Host })
}

func decodeHistoryEntry(key, value []byte) (HistoryEntry, error) {
	return decode(historyBucket, key, value, func(v HistoryEntry) string { return v.Host })
}
