package store

import (
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// DataCheck is the state of the verification of a torrent's finished data. Times are in UTC, and zero for never.
type DataCheck struct {
	// Infohash is the record's key.
	Infohash string `json:"infohash"`
	// At is the time since which all of the data has been read and hashed.
	At time.Time `json:"at,omitzero"`
	// Stamp is a digest of the sizes and modification times of the files at the last comparison; 0 if there was none.
	// Newest is the latest of these times.
	Stamp  uint64    `json:"stamp,omitempty"`
	Newest time.Time `json:"newest,omitzero"`
	// Next is the piece at which the check that was started at Began continues; 0 and zero if none was started.
	Next  int       `json:"next,omitempty"`
	Began time.Time `json:"began,omitzero"`
}

// DataCheck returns the stored check of a torrent; one without an infohash if there is none.
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

// PutDataCheck stores a torrent's check. DeleteTorrent deletes it.
func (t *Tx) PutDataCheck(c DataCheck) error {
	if !engine.IsInfohash(c.Infohash) || c.Next < 0 {
		return invalidError("a check needs an infohash and a piece")
	}
	c.At, c.Newest, c.Began = toUTC(c.At), toUTC(c.Newest), toUTC(c.Began)
	return t.putJSON(checksBucket, c.Infohash, c)
}

func decodeDataCheck(key, value []byte) (DataCheck, error) {
	return decode(checksBucket, key, value, func(c DataCheck) string { return c.Infohash })
}
