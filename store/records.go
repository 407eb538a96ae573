package store

import (
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// The buckets of the current schema. Values are JSON unless a comment says otherwise.
const (
	sitesBucket   = bucketPrefix + "sites"   // host → Site
	historyBucket = bucketPrefix + "history" // host → HistoryEntry
	namesBucket   = bucketPrefix + "names"   // host → nameRecord
	infosBucket   = bucketPrefix + "infos"   // infohash, 40 hex digits → bencoded info dictionary
	// infohash, 20 bytes, and chunk number, 4 bytes big-endian → see chunk
	piecesBucket       = bucketPrefix + "pieces"
	settingsBucket     = bucketPrefix + "settings"     // key → the owner's bytes
	publicationsBucket = bucketPrefix + "publications" // host → Publication
	tombstonesBucket   = bucketPrefix + "graves"       // host → Tombstone
	checksBucket       = bucketPrefix + "checks"       // infohash, 40 hex digits → DataCheck
	signedBucket       = bucketPrefix + "signed"       // key → signedRecord
)

// decoders holds for each bucket of the schema a function that returns an error if a record cannot be decoded.
var decoders = map[string]func(key, value []byte) error{
	sitesBucket:        func(k, v []byte) error { _, err := decodeSite(k, v); return err },
	historyBucket:      func(k, v []byte) error { _, err := decodeHistoryEntry(k, v); return err },
	namesBucket:        func(k, v []byte) error { _, err := decodeName(k, v); return err },
	infosBucket:        func(_, _ []byte) error { return nil }, // Opaque here: swarm checks it against the infohash.
	piecesBucket:       func(k, v []byte) error { _, err := decodeChunk(k, v); return err },
	settingsBucket:     func(_, _ []byte) error { return nil },
	publicationsBucket: func(k, v []byte) error { _, err := decodePublication(k, v); return err },
	tombstonesBucket:   func(k, v []byte) error { _, err := decodeTombstone(k, v); return err },
	checksBucket:       func(k, v []byte) error { _, err := decodeDataCheck(k, v); return err },
	signedBucket:       func(k, v []byte) error { _, err := decodeSigned(k, v); return err },
}

// decode parses a JSON record. name returns the record's own name, which must be its key.
func decode[T any](bucket string, key, value []byte, name func(T) string) (T, error) {
	var record T
	if err := json.Unmarshal(value, &record); err != nil {
		return record, fmt.Errorf("%w: record %q of %s: %w", errDamaged, key, bucket, err)
	}
	if name(record) != string(key) {
		return record, fmt.Errorf("%w: record %q of %s calls itself %q", errDamaged, key, bucket, name(record))
	}
	return record, nil
}

// decodeAll returns the records of a bucket, in the order of their keys.
func decodeAll[T any](tx *bolt.Tx, bucket string, decode func(key, value []byte) (T, error)) ([]T, error) {
	var records []T
	err := forEachRecord(tx, bucket, nil, func(key, value []byte) error {
		r, err := decode(key, value)
		records = append(records, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

func (t *Tx) putJSON(bucket, key string, record any) error {
	value, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return t.put(bucket, []byte(key), value)
}

// toUTC removes the monotonic reading and the zone of a time, so that it is read back as it was written.
func toUTC(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Round(0).UTC()
}
