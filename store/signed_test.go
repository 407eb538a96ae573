package store

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"testing"

	"wtptui/engine"
)

// sampleItem is an item of a sequence number, as far as the database reads it.
func sampleItem(seq uint64, value string) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, seqBegin), seq), value...)
}

// TestRecords: the newest record stays, also over a restart, and an older one does not take its place.
func TestRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	db, _ := mustOpen(t, path)
	key := engine.PublicKey{7}.Host()
	if item, own, err := db.Record(key); item != nil || own || err != nil {
		t.Errorf("before: %v, %v, %v", item, own, err)
	}
	put := func(seq uint64, value string, own bool) {
		t.Helper()
		if err := db.PutRecord(key, sampleItem(seq, value), own); err != nil {
			t.Fatal(err)
		}
	}
	want := func(seq uint64, value string, own bool) {
		t.Helper()
		item, gotOwn, err := db.Record(key)
		if err != nil || !bytes.Equal(item, sampleItem(seq, value)) || gotOwn != own {
			t.Errorf("%q, %v, %v, want %d %s %v", item, gotOwn, err, seq, value, own)
		}
	}
	put(5, "five", true)
	put(4, "four", false)
	want(5, "five", true)
	put(5, "five", false) // the same again, heard from others
	want(5, "five", true)
	put(6, "six", false)
	mustClose(t, db)
	db, _ = mustOpen(t, path)
	t.Cleanup(func() { mustClose(t, db) })
	want(6, "six", false)
	for _, bad := range []struct {
		key  string
		item []byte
	}{{"nonsense", sampleItem(1, "x")}, {key, nil}, {key, sampleItem(1, "")}} {
		if err := db.PutRecord(bad.key, bad.item, true); engine.KindOf(err) != engine.Invalid {
			t.Errorf("%q, %q: %v", bad.key, bad.item, err)
		}
	}
}

// TestKeyOfAName: which key decides for a domain is remembered with what it says.
func TestKeyOfAName(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	t.Cleanup(func() { mustClose(t, db) })
	key := engine.PublicKey{7}.Host()
	n := engine.Name{Host: "docs.example", Infohash: "951ead31d09e4049fc1f21f137e233dd0589fcbd", Key: key}
	if err := db.PutName(n); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Name(n.Host); err != nil || got.Key != key {
		t.Errorf("%+v, %v", got, err)
	}
}
