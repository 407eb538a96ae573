package store

import (
	"bytes"
	"encoding/hex"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// Info returns a torrent's bencoded info dictionary (BEP 3), or nil if it is not known.
func (db *DB) Info(infohash string) (info []byte, err error) {
	err = db.view("info", func(tx *bolt.Tx) error {
		info = bytes.Clone(get(tx, infosBucket, []byte(infohash)))
		return nil
	})
	return info, err
}

// PutInfo stores an info dictionary. The caller must have checked that it matches the infohash.
func (t *Tx) PutInfo(infohash string, info []byte) error {
	if !engine.IsInfohash(infohash) || len(info) == 0 {
		return invalidError("an info dictionary needs an infohash and content")
	}
	if bytes.Equal(t.get(infosBucket, []byte(infohash)), info) {
		return nil
	}
	return t.put(infosBucket, []byte(infohash), bytes.Clone(info))
}

// DeleteTorrent deletes a torrent's info dictionary, piece completion and check, if they exist.
func (t *Tx) DeleteTorrent(infohash string) error {
	raw, err := hex.DecodeString(infohash)
	if err != nil || !engine.IsInfohash(infohash) {
		return invalidError("not an infohash")
	}
	for _, bucket := range []string{infosBucket, checksBucket} {
		if err := t.remove(bucket, []byte(infohash)); err != nil {
			return err
		}
	}
	t.onCommit = append(t.onCommit, func(c *completion) { delete(c.torrents, [20]byte(raw)) })
	return removeChunks(t, raw)
}

// removeChunks deletes the piece completion of one torrent.
func removeChunks(t *Tx, infohash []byte) error {
	var keys [][]byte // They are collected first: a bucket must not be changed during iteration.
	err := forEachRecord(t.tx, piecesBucket, infohash, func(key, _ []byte) error {
		keys = append(keys, bytes.Clone(key))
		return nil
	})
	for _, key := range keys {
		if err == nil {
			err = t.remove(piecesBucket, key)
		}
	}
	return err
}

// Torrents returns the infohashes of all torrents of which the info dictionary or a piece is known, sorted.
func (db *DB) Torrents() ([]string, error) {
	found := map[string]bool{}
	err := db.view("list torrents", func(tx *bolt.Tx) error {
		err := forEachRecord(tx, infosBucket, nil, func(key, _ []byte) error {
			found[string(key)] = true
			return nil
		})
		if err != nil {
			return err
		}
		return forEachRecord(tx, piecesBucket, nil, func(key, _ []byte) error {
			found[hex.EncodeToString(key[:len(infohashBytes{})])] = true
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(found)), nil
}
