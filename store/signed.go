package store

import (
	"bytes"
	"encoding/binary"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// signedRecord is the newest known record of a key.
type signedRecord struct {
	Key string `json:"key"`
	// Item is the signed item in the encoding of pkarr.Item.Bytes. Own reports whether it was signed on this machine.
	Item []byte `json:"item"`
	Own  bool   `json:"own,omitempty"`
}

// The position of the sequence number in an item: after the signature, eight bytes, big-endian.
const (
	seqBegin = 64
	seqEnd   = seqBegin + 8
)

func (r signedRecord) seq() uint64 {
	if len(r.Item) < seqEnd {
		return 0
	}
	return binary.BigEndian.Uint64(r.Item[seqBegin:seqEnd])
}

// Record returns the newest known record of a key, nil if there is none, and whether it was signed on this machine. It
// implements resolve.Cache.
func (db *DB) Record(key string) (item []byte, own bool, err error) {
	var r signedRecord
	err = db.view("record", func(tx *bolt.Tx) (err error) {
		if b := get(tx, signedBucket, []byte(key)); b != nil {
			r, err = decodeSigned([]byte(key), b)
		}
		return err
	})
	return r.Item, r.Own, err
}

// PutRecord stores a key's record, unless a newer one is stored: a key never goes back to an older record. It
// implements resolve.Cache.
func (db *DB) PutRecord(key string, item []byte, own bool) error {
	r := signedRecord{Key: key, Item: item, Own: own}
	if !engine.IsKey(key) || len(item) <= seqEnd {
		return db.wrapError("put record", invalidError("a record needs a key and a signed item"))
	}
	return db.update("put record", func(t *Tx) error {
		if b := t.get(signedBucket, []byte(key)); b != nil {
			known, err := decodeSigned([]byte(key), b)
			if err != nil {
				return err
			}
			if known.seq() > r.seq() {
				return nil
			}
			r.Own = own || known.Own && bytes.Equal(known.Item, item)
		}
		return t.putJSON(signedBucket, key, r)
	})
}

func decodeSigned(key, value []byte) (signedRecord, error) {
	return decode(signedBucket, key, value, func(r signedRecord) string { return r.Key })
}
