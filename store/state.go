package store

import (
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// bucketPrefix begins the name of every bucket: it tells our databases from others, even when one name is damaged.
const bucketPrefix = "wtptui."

// stateBucket holds the state and its digest. Its place and form never change, whatever the schema: every version of
// the program has to be able to read the schema number of every other.
const stateBucket = bucketPrefix + "state"

var (
	stateKey       = []byte("state")
	stateDigestKey = []byte("digest")
)

// state describes the database as a whole; it is rewritten by every transaction.
type state struct {
	// Schema says how all other buckets are to be read; see schema.go.
	Schema int `json:"schema"`
	// Clean reports whether the last run closed the database and left no data on disk to be verified.
	Clean bool `json:"clean"`
	// Digest is that of all records outside the state bucket.
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

// decodeState checks the state's own digest first: a flipped bit must not pass for a newer schema.
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
