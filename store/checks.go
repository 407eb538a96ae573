package store

import (
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// DataCheck says when a torrent's finished data was last compared with its hashes, and how far that has got this
// time. Times are in UTC, and zero for never.
type DataCheck struct {
	// Infohash is the record's key.
	Infohash string `json:"infohash"`
	// At is since when all of the data has been read and hashed.
	At time.Time `json:"at,omitzero"`
	// Stamp is a digest of the sizes and times of the files when they were looked at last; 0 when they never were.
	// Newest is the latest of these times.
	Stamp  uint64    `json:"stamp,omitempty"`
	Newest time.Time `json:"newest,omitzero"`
	// Next is the piece at which a check that began at Began goes on; 0 and zero when none has begun.
	Next  int       `json:"next,omitempty"`
	Began time.Time `json:"began,omitzero"`
}

// DataCheck returns what is known of a torrent's checks; one without an infohash when that is nothing.
func (db *DB) DataCheck(infohash string) (c DataCheck, err error) {
	err = db.view("check", func(tx *bolt.Tx) error {
		b := get(tx, checksBucket, []byte(infohash))
		if b == nil {
			return nil
		}
		c, err = decodeDataCheck([]byte(infohash), b)
		return err
	})
	return c, err
}

// PutDataCheck writes what is known of a torrent's checks. DeleteTorrent deletes it.
func (t *Tx) PutDataCheck(c DataCheck) error {
	if !engine.IsInfohash(c.Infohash) || c.Next < 0 {
		return invalid("a check needs an infohash and a piece")
	}
	c.At, c.Newest, c.Began = utc(c.At), utc(c.Newest), utc(c.Began)
	return t.putJSON(checksBucket, c.Infohash, c)
}

func decodeDataCheck(key, value []byte) (DataCheck, error) {
	return decode(checksBucket, key, value, func(c DataCheck) string { return c.Infohash })
}
