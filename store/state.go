package store

import (
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// bucketPrefix is the prefix of every bucket's name. It distinguishes our databases from those of other programs, even
// if one name is damaged.
const bucketPrefix = "wtptui."

// stateBucket holds the state and its digest. Its name and form are the same in all schemas: every version of the
// program must be able to read the schema number.
const stateBucket = bucketPrefix + "state"

var (
	stateKey       = []byte("state")
	stateDigestKey = []byte("digest")
)

// state describes the whole database. Every transaction rewrites it.
type state struct {
	// Schema is the schema of all other buckets; see schema.go.
	Schema int `json:"schema"`
	// Clean reports whether the last run closed the database, and no data on disk has to be verified.
	Clean bool `json:"clean"`
	// Digest is the digest of all records outside the state bucket.
	Digest digest `json:"digest"`
}

func readState(tx *bolt.Tx) (state, error) {
	b := tx.Bucket([]byte(stateBucket))
	if b == nil {
		return state{}, fmt.Errorf("%w: the state is missing", errDamaged)
	}
	return decodeState(b.Get(stateKey), b.Get(stateDigestKey))
}

func writeState(tx *bolt.Tx, s state) error {
	b, err := tx.CreateBucketIfNotExists([]byte(stateBucket))
	if err != nil {
		return err
	}
	value, err := json.Marshal(s)
	if err != nil {
		return err
	}
	check, err := hashRecord(stateBucket, stateKey, value).MarshalText()
	if err != nil {
		return err
	}
	if err := b.Put(stateKey, value); err != nil {
		return err
	}
	return b.Put(stateDigestKey, check)
}

// decodeState parses the state. It verifies the state's own digest first: a flipped bit must not be taken for a newer
// schema.
func decodeState(value, check []byte) (state, error) {
	want, _ := hashRecord(stateBucket, stateKey, value).MarshalText() // It never fails.
	if string(check) != string(want) {
		return state{}, fmt.Errorf("%w: the state's digest is wrong", errDamaged)
	}
	var s state
	if err := json.Unmarshal(value, &s); err != nil {
		return state{}, fmt.Errorf("%w: the state is unreadable: %w", errDamaged, err)
	}
	return s, nil
}
