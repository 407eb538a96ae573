package store

import (
	"time"

	bolt "go.etcd.io/bbolt"
)

// Site is one site as it is kept over restarts. Times are in UTC, and zero for never.
type Site struct {
	// Host is the row's key: a domain as lower-case A-labels, or an infohash as 40 lower-case hex digits.
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
	// Labels are what a person has put on it, sorted.
	Labels []string `json:"labels,omitempty"`
	// Enough is how many others have to seed it for it to rest: 0 means as the default says, and -1 never.
	Enough int `json:"enough,omitempty"`
	// Shared reports whether somebody else had all of it when that was known last.
	Shared bool `json:"shared,omitempty"`
	// Complete is since when all of it has been here.
	Complete Completion `json:"complete,omitzero"`
	// Copies are how many others had all of it when that was known last.
	Copies   Copies    `json:"copies,omitzero"`
	AddedAt  time.Time `json:"added_at,omitzero"`
	LastOpen time.Time `json:"last_open,omitzero"`
	// ExpiresAt is zero for a pinned site.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// EvictedAt is not zero while it lies in the bin. Removed says that its history goes with it, and BinBytes what
	// it takes there. BinUntil is until when it can come back, also while somebody has opened it meanwhile.
	EvictedAt time.Time `json:"evicted_at,omitzero"`
	Removed   bool      `json:"removed,omitempty"`
	BinBytes  int64     `json:"bin_bytes,omitempty"`
	BinUntil  time.Time `json:"bin_until,omitzero"`
	// Trackers and WebSeeds are the URLs that the site's magnet link or .torrent file named.
	Trackers []string `json:"trackers,omitempty"`
	WebSeeds []string `json:"web_seeds,omitempty"`
	// HintTrackers and HintWebSeeds are those that its domain names now.
	HintTrackers []string `json:"hint_trackers,omitempty"`
	HintWebSeeds []string `json:"hint_web_seeds,omitempty"`
	// Held reports whether it stays at Infohash, whatever its domain says.
	Held bool `json:"held,omitempty"`
	// Next is the version that is being fetched to take Infohash's place; empty when there is none.
	Next string `json:"next,omitempty"`
	// NameTTL is for how long others may believe that its domain points to Infohash, in seconds.
	NameTTL int64 `json:"name_ttl_seconds,omitempty"`
	// Kept are former versions that are still seeded, oldest first.
	Kept []KeptVersion `json:"kept,omitempty"`
	// Downloaded and Uploaded are bytes of content since the row was made.
	Downloaded int64 `json:"downloaded,omitempty"`
	Uploaded   int64 `json:"uploaded,omitempty"`
	// Rev grows with each change that is written, over all sites. It tells which of two states is the newer one.
	Rev int64 `json:"rev,omitempty"`
	// Found reports whether its data was found in the data folder, and nobody has said what it is.
	Found bool `json:"found,omitempty"`
}

// Flags are the site's booleans: see engine.Flags, which has the same fields in the same order.
type Flags struct {
	NoClearnet bool `json:"no_clearnet,omitempty"`
}

// Copies are the complete copies of a torrent that others had at some time, and those of them that browsers reach;
// WebCopies is -1 if nobody knew. The zero value is that nothing is known.
type Copies struct {
	Infohash  string    `json:"infohash"`
	Copies    int       `json:"copies"`
	WebCopies int       `json:"web_copies"`
	At        time.Time `json:"at"`
}

// Completion is when all of a torrent was here first. The zero value is that it was not yet.
type Completion struct {
	Infohash string    `json:"infohash"`
	At       time.Time `json:"at"`
}

// AsStored returns the site as it will be read when it has been written.
func (s Site) AsStored() Site {
	for _, t := range []*time.Time{
		&s.AddedAt, &s.LastOpen, &s.ExpiresAt, &s.EvictedAt, &s.BinUntil, &s.Complete.At, &s.Copies.At,
	} {
		*t = utc(*t)
	}
	for _, l := range []*[]string{&s.Trackers, &s.WebSeeds, &s.HintTrackers, &s.HintWebSeeds, &s.Labels} {
		if len(*l) == 0 {
			*l = nil
		}
	}
	kept := s.Kept
	s.Kept = nil
	for _, k := range kept {
		s.Kept = append(s.Kept, KeptVersion{k.Infohash, utc(k.Until)})
	}
	return s
}

// KeptVersion is a former version of a site.
type KeptVersion struct {
	Infohash string `json:"infohash"`
	// Until is when it is dropped.
	Until time.Time `json:"until,omitzero"`
}

// HistoryEntry is what remains of a site when it has been evicted: one for each host ever opened, until Forget.
type HistoryEntry struct {
	Host string `json:"host"`
	// Infohash and Title are the last ones known.
	Infohash string `json:"infohash,omitempty"`
	Title    string `json:"title,omitempty"`
	// FirstOpen is when the host was first added, LastOpen when it was last opened.
	FirstOpen time.Time `json:"first_open,omitzero"`
	LastOpen  time.Time `json:"last_open,omitzero"`
	// Downloaded and Uploaded are bytes of content over all the times that the host was a site.
	Downloaded int64 `json:"downloaded,omitempty"`
	Uploaded   int64 `json:"uploaded,omitempty"`
}

// Sites returns all sites, sorted by host.
func (db *DB) Sites() (sites []Site, err error) {
	err = db.view("list sites", func(tx *bolt.Tx) error {
		sites, err = all(tx, sitesBucket, decodeSite)
		return err
	})
	return sites, err
}

// PutSites writes sites and their history in one transaction: all or none are on the disk when it returns.
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

// PutSite writes a site and its history.
func (t *Tx) PutSite(s Site) error {
	if s.Host == "" {
		return invalid("a site needs a host")
	}
	s = s.AsStored()
	var old Site
	var err error
	if b := t.get(sitesBucket, []byte(s.Host)); b != nil {
		if old, err = decodeSite([]byte(s.Host), b); err != nil {
			return err
		}
	}
	visit := HistoryEntry{Host: s.Host, FirstOpen: s.AddedAt}
	visited := t.get(historyBucket, []byte(s.Host))
	if visited != nil {
		if visit, err = decodeVisit([]byte(s.Host), visited); err != nil {
			return err
		}
	}
	before := visit
	if visit.follow(old, s); visit != before || visited == nil {
		if err := t.putJSON(historyBucket, s.Host, visit); err != nil {
			return err
		}
	}
	return t.putJSON(sitesBucket, s.Host, s)
}

// follow updates the visit for a row that changes from old, zero when it is new, to s. The row's totals begin at zero
// each time it is made, so history adds what is new in them.
func (v *HistoryEntry) follow(old, s Site) {
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

// DeleteSite deletes a site's row and publication, which need not be there; its history stays. Its data goes only if
// the same transaction puts a tombstone.
func (t *Tx) DeleteSite(host string) error {
	return t.removeFrom(host, publicationsBucket, sitesBucket)
}

// Forget deletes everything that is known about a host: row, publication, history, and the infohashes its name has had.
// Its tombstone stays until the data is gone.
func (t *Tx) Forget(host string) error {
	return t.removeFrom(host, sitesBucket, historyBucket, namesBucket, publicationsBucket)
}

func (t *Tx) removeFrom(host string, buckets ...string) error {
	for _, bucket := range buckets {
		if err := t.remove(bucket, []byte(host)); err != nil {
			return err
		}
	}
	return nil
}

// History returns a visit for each host that was ever a site and has not been forgotten, sorted by host.
func (db *DB) History() (visits []HistoryEntry, err error) {
	err = db.view("list history", func(tx *bolt.Tx) error {
		visits, err = all(tx, historyBucket, decodeVisit)
		return err
	})
	return visits, err
}

func decodeSite(key, value []byte) (Site, error) {
	return decode(sitesBucket, key, value, func(s Site) string { return s.Host })
}

func decodeVisit(key, value []byte) (HistoryEntry, error) {
	return decode(historyBucket, key, value, func(v HistoryEntry) string { return v.Host })
}
