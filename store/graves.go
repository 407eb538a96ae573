package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// Grave says that a site was removed on purpose: its row was deleted, state files in the data folder that say less than
// Rev are out of date, and the data may go. It is removed when the data is gone.
type Grave struct {
	// Host is the record's key.
	Host string `json:"host"`
	// Rev is the one of the row that was deleted.
	Rev int64 `json:"rev"`
	// Infohashes are the torrents whose data may go as far as no other site uses it.
	Infohashes []string `json:"infohashes"`
	// At is when the row was deleted, in UTC.
	At time.Time `json:"at,omitzero"`
}

// Graves returns all graves, sorted by host.
func (db *DB) Graves() (graves []Grave, err error) {
	err = db.view("list graves", func(tx *bolt.Tx) error {
		graves, err = all(tx, gravesBucket, decodeGrave)
		return err
	})
	return graves, err
}

// PutGrave writes a grave. Where the host has one already, because it was added and removed again before the data was
// gone, the infohashes of both stay.
func (t *Tx) PutGrave(g Grave) error {
	if g.Host == "" || slices.ContainsFunc(g.Infohashes, func(h string) bool { return !engine.IsInfohash(h) }) {
		return invalid("a grave needs a host and infohashes")
	}
	g.At = utc(g.At)
	g.Infohashes = append([]string{}, g.Infohashes...)
	if b := t.get(gravesBucket, []byte(g.Host)); b != nil {
		old, err := decodeGrave([]byte(g.Host), b)
		if err != nil {
			return err
		}
		g.Rev = max(g.Rev, old.Rev)
		g.Infohashes = append(g.Infohashes, old.Infohashes...)
	}
	slices.Sort(g.Infohashes)
	g.Infohashes = slices.Compact(g.Infohashes)
	return t.putJSON(gravesBucket, g.Host, g)
}

// RemoveGrave deletes a host's grave, which need not be there, unless that is newer than rev: its site was added and
// removed again since.
func (t *Tx) RemoveGrave(host string, rev int64) error {
	if b := t.get(gravesBucket, []byte(host)); b != nil {
		if g, err := decodeGrave([]byte(host), b); err != nil || g.Rev > rev {
			return err
		}
	}
	return t.remove(gravesBucket, []byte(host))
}

func decodeGrave(key, value []byte) (Grave, error) {
	return decode(gravesBucket, key, value, func(g Grave) string { return g.Host })
}
