package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// Tombstone records that a site was removed on purpose: its row was deleted, state files in the data folder with a
// lower Rev are out of date, and the data may be deleted. It is removed when the data has been deleted.
type Tombstone struct {
	// Host is the record's key.
	Host string `json:"host"`
	// Rev is the Rev of the deleted row.
	Rev int64 `json:"rev"`
	// Infohashes are the torrents whose data may be deleted if no other site uses it.
	Infohashes []string `json:"infohashes"`
	// At is when the row was deleted, in UTC.
	At time.Time `json:"at,omitzero"`
}

// Tombstones returns all tombstones, sorted by host.
func (db *DB) Tombstones() (tombstones []Tombstone, err error) {
	err = db.view("list tombstones", func(tx *bolt.Tx) error {
		tombstones, err = decodeAll(tx, tombstonesBucket, decodeTombstone)
		return err
	})
	return tombstones, err
}

// PutTombstone stores a tombstone. If the host has one already, because its site was added and removed again before the
// data was deleted, the infohashes of both stay.
func (t *Tx) PutTombstone(g Tombstone) error {
	if g.Host == "" || slices.ContainsFunc(g.Infohashes, func(h string) bool { return !engine.IsInfohash(h) }) {
		return invalidError("a tombstone needs a host and infohashes")
	}
	g.At = toUTC(g.At)
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

// RemoveTombstone deletes a host's tombstone, if there is one, unless it is newer than rev: its site was added and
// removed again since.
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
