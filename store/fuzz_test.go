package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// FuzzVerify patches a small database, the checksums of its meta pages made good, which goes deeper than a fault does.
// What passes has to be a database in which bbolt itself finds no fault.
func FuzzVerify(f *testing.F) {
	path := filepath.Join(f.TempDir(), "wtptui.db")
	db, _ := mustOpen(f, path)
	fill(f, db, 12)
	mustClose(f, db)
	whole, err := os.ReadFile(path)
	must(f, err)
	f.Add([]byte{}, false)
	f.Add(patch(0x10+40, 1), true)
	f.Add(append(patch(4096*3+8, 7), patch(4096*4+16, 1<<40)...), true)
	f.Fuzz(func(t *testing.T, patches []byte, seal bool) {
		b := bytes.Clone(whole)
		for ; len(patches) >= 12; patches = patches[12:] {
			at := int(binary.LittleEndian.Uint32(patches)) % (len(b) - 8)
			byteOrder.PutUint64(b[at:], byteOrder.Uint64(b[at:])^binary.LittleEndian.Uint64(patches[4:]))
		}
		if seal {
			sealMeta(b[pageHeaderSize:])
			sealMeta(b[4096+pageHeaderSize:])
		}
		_, err := verifyContent(bytes.NewReader(b), int64(len(b)), current.version)
		var known *engine.Error
		switch {
		case err == nil:
			wantSound(t, b)
		case !errors.Is(err, errDamaged) && !errors.As(err, &known):
			t.Errorf("an error of no kind: %v", err)
		}
	})
}

func patch(at uint32, xor uint64) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(nil, at), xor)
}

func sealMeta(meta []byte) {
	sum := fnv.New64a()
	_, _ = sum.Write(meta[:metaChecksumOffset])
	byteOrder.PutUint64(meta[metaChecksumOffset:], sum.Sum64())
}

// wantSound asks bbolt.
func wantSound(t *testing.T, content []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wtptui.db")
	must(t, os.WriteFile(path, content, 0o600))
	b, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, PreLoadFreelist: true})
	must(t, err)
	defer func() { _ = b.Close() }()
	must(t, b.View(func(tx *bolt.Tx) error {
		var found error
		for err := range tx.Check() {
			found = err
		}
		return found
	}))
}

func FuzzRecords(f *testing.F) {
	for bucket := range decoders {
		f.Add(bucket, []byte("a.example"), []byte(`{"host":"a.example","versions":[{"infohash":""}]}`))
		f.Add(bucket, chunkKey(rawHash(1), 3), []byte{1, 1})
	}
	f.Fuzz(func(t *testing.T, bucket string, key, value []byte) {
		if err := checkDecodable(bucket, key, value); err == nil && bucket == piecesBucket {
			chunk, _ := decodeChunk(key, value)
			again, err := decodeChunk(key, chunk.encode())
			if chunk.usedBytes() > 0 && (err != nil || again.usedBytes() != chunk.usedBytes()) {
				t.Errorf("the chunk does not survive a round trip: %v", err)
			}
		}
	})
}
