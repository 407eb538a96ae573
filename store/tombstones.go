package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// Tombstone says that a site was removed on purpose: its row was deleted, state files in the data folder that say less
// than Rev are out of date, and the data may go. It is removed when the data is gone.
type Tombstone struct {
	// Host is the record's key.
	Host string `json:"host"`
	// Rev is the one of the row that was deleted.
	Rev int64 `json:"rev"`
	// Infohashes are the torrents whose data may go as far as no other site uses it.
	Infohashes []string `json:"infohashes"`
	// At is when the row was deleted, in UTC.
	At time.Time `json:"at,omitzero"`
}

// Tombstones returns all tombstones, sorted by host.
func (db *DB) Tombstones() (tombstones []Tombstone, err error) {
	err = db.view("list tombstones", func(tx *bolt.Tx) error {
		tombstones, err = all(tx, tombstonesBucket, decodeTombstone)
		return err
	})
	return tombstones, err
}

// PutTombstone writes a tombstone. Where the host has one already, because it was added and removed again before the
// data was gone, the infohashes of both stay.
func (t *Tx) PutTombstone(g Tombstone) error {
	if g.Host == "" || slices.ContainsFunc(g.Infohashes, func(h string) bool { return !engine.IsInfohash(h) }) {
		return invalid("a tombstone needs a host and infohashes")
	}
	g.At = utc(g.At)
	g.Infohashes = append([]string{}, g.Infohashes...)
	if b := t.get(tombstonesBucket, []byte(g.Host)); b != nil {
		old, err := decodeTombstone([]byte(g.Host), b)
		if err != nil {
			return err
		}
		g.Rev = max(g.Rev, old.Rev)
		g.Infohashes = append(g.Infohashes, old.Infohashes...)
	}
	slices.Sort(g.Infohashes)
	g.Infohashes = slices.Compact(g.Infohashes)
	return t.putJSON(tombstonesBucket, g.Host, g)
}

// RemoveTombstone deletes a host's tombstone, which need not be there, unless that is newer than rev: its site was
// added and removed again since.
func (t *Tx) RemoveTombstone(host string, rev int64) error {
	if b := t.get(tombstonesBucket, []byte(host)); b != nil {
		if g, err := decodeTombstone([]byte(host), b); err != nil || g.Rev > rev {
			return err
		}
	}
	return t.remove(tombstonesBucket, []byte(host))
}

func decodeTombstone(key, value []byte) (Tombstone, error) {
	return decode(tombstonesBucket, key, value, func(g Tombstone) string { return g.Host })
}
