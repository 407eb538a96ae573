package store

import (
	"encoding/binary"
	"fmt"
	"sync"

	bolt "go.etcd.io/bbolt"
)

const (
	// chunkPieces is how many pieces share one record. Completing a piece of a huge torrent then rewrites a small part of
	// its bitmaps only.
	chunkPieces = 8192
	chunkBytes  = chunkPieces / 8

	// maxPiece limits the memory for one torrent to 16 MiB of bitmaps. It is a TiB in pieces of 16 KiB.
	maxPiece = 1<<26 - 1
)

type infohashBytes = [20]byte

// bitmaps hold what is known of a torrent's pieces: a bit for each in both, the lowest bit first. They have the same
// length. Pieces beyond it are unknown.
type bitmaps struct{ known, complete []byte }

// completion holds the bitmaps of all torrents in memory: two bits a piece. The database is the original.
type completion struct {
	// changeMu is locked while the database and then the memory are changed, so that both change in the same order.
	changeMu sync.Mutex
	mu       sync.RWMutex
	torrents map[infohashBytes]bitmaps
}

// Get reports whether a piece is complete, from memory. known is false if it was never set. It implements
// swarm.Completion.
func (db *DB) Get(infohash [20]byte, piece int) (complete, known bool) {
	db.pieces.mu.RLock()
	defer db.pieces.mu.RUnlock()
	b := db.pieces.torrents[infohash]
	if piece < 0 || piece/8 >= len(b.known) {
		return false, false
	}
	bit := byte(1) << (piece % 8)
	return b.complete[piece/8]&bit != 0, b.known[piece/8]&bit != 0
}

// Set stores whether pieces are complete, in one transaction, which is on the disk when Set returns. Nothing is written
// if nothing changes. It implements swarm.Completion.
func (db *DB) Set(infohash [20]byte, pieces []int, complete bool) error {
	return db.pieces.change(func() (apply func(), err error) {
		chunks, err := db.pieces.chunksAfter(infohash, pieces, complete)
		if err != nil {
			return nil, db.wrapError("set pieces", err)
		}
		if len(chunks) == 0 {
			return func() {}, nil
		}
		err = db.update("set pieces", func(t *Tx) error {
			for n, c := range chunks {
				if err := t.put(piecesBucket, chunkKey(infohash, n), c.encode()); err != nil {
					return err
				}
			}
			return nil
		})
		return func() {
			for n, c := range chunks {
				db.pieces.setChunk(infohash, n, c)
			}
		}, err
	})
}

// change runs a change of the database and, if it succeeds, the change of the memory.
func (c *completion) change(database func() (apply func(), err error)) error {
	c.changeMu.Lock()
	defer c.changeMu.Unlock()
	apply, err := database()
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	apply()
	return nil
}

// chunksAfter returns the chunks, by number, that change when the pieces are set, in their new state. The caller holds
// changeMu.
func (c *completion) chunksAfter(infohash infohashBytes, pieces []int, complete bool) (map[int]bitmaps, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	now, chunks := c.torrents[infohash], map[int]bitmaps{}
	for _, piece := range pieces {
		if piece < 0 || piece > maxPiece {
			return nil, invalidError(fmt.Sprintf("piece %d is out of range", piece))
		}
		at, bit := piece/8, byte(1)<<(piece%8)
		if at < len(now.known) && now.known[at]&bit != 0 && (now.complete[at]&bit != 0) == complete {
			continue
		}
		n := piece / chunkPieces
		chunk, ok := chunks[n]
		if !ok {
			chunk = bitmaps{known: make([]byte, chunkBytes), complete: make([]byte, chunkBytes)}
			if from := n * chunkBytes; from < len(now.known) {
				copy(chunk.known, now.known[from:])
				copy(chunk.complete, now.complete[from:])
			}
			chunks[n] = chunk
		}
		at %= chunkBytes
		chunk.known[at] |= bit
		chunk.complete[at] &^= bit
		if complete {
			chunk.complete[at] |= bit
		}
	}
	return chunks, nil
}

// setChunk changes a chunk in memory. The caller holds mu.
func (c *completion) setChunk(infohash infohashBytes, n int, chunk bitmaps) {
	b, from, used := c.torrents[infohash], n*chunkBytes, chunk.usedBytes()
	if grow := from + used - len(b.known); grow > 0 {
		b.known = append(b.known, make([]byte, grow)...)
		b.complete = append(b.complete, make([]byte, grow)...)
	}
	copy(b.known[from:], chunk.known[:used])
	copy(b.complete[from:], chunk.complete[:used])
	c.torrents[infohash] = b
}

// loadAll reads all bitmaps.
func (c *completion) loadAll(tx *bolt.Tx) error {
	c.torrents = map[infohashBytes]bitmaps{}
	return forEachRecord(tx, piecesBucket, nil, func(key, value []byte) error {
		chunk, err := decodeChunk(key, value)
		if err != nil {
			return err
		}
		n := binary.BigEndian.Uint32(key[len(infohashBytes{}):])
		c.setChunk(infohashBytes(key[:len(infohashBytes{})]), int(n), chunk)
		return nil
	})
}

func chunkKey(infohash infohashBytes, n int) []byte {
	return binary.BigEndian.AppendUint32(infohash[:], uint32(n))
}

// usedBytes returns the number of bytes up to the last known piece.
func (b bitmaps) usedBytes() int {
	n := len(b.known)
	for n > 0 && b.known[n-1] == 0 {
		n--
	}
	return n
}

// encode returns the value of the record: both bitmaps up to the last known piece, known first.
func (b bitmaps) encode() []byte {
	n := b.usedBytes()
	return append(append(make([]byte, 0, 2*n), b.known[:n]...), b.complete[:n]...)
}

// decodeChunk is the inverse of encode. The result refers to value.
func decodeChunk(key, value []byte) (bitmaps, error) {
	n := len(value) / 2
	if len(key) != len(infohashBytes{})+4 || len(value)%2 != 0 || n == 0 || n > chunkBytes {
		return bitmaps{}, fmt.Errorf("%w: a record of %s has %d and %d bytes", errDamaged, piecesBucket, len(key), len(value))
	}
	if chunk := binary.BigEndian.Uint32(key[len(infohashBytes{}):]); chunk > maxPiece/chunkPieces {
		return bitmaps{}, fmt.Errorf("%w: chunk %d of %s is out of range", errDamaged, chunk, piecesBucket)
	}
	return bitmaps{known: value[:n], complete: value[n:]}, nil
}
