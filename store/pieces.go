package store

import (
	"encoding/binary"
	"fmt"
	"sync"

	bolt "go.etcd.io/bbolt"
)

const (
	// chunkPieces is how many pieces share one record, so that finishing a piece of a huge torrent does not rewrite
	// what is known about all the others.
	chunkPieces = 8192
	chunkBytes  = chunkPieces / 8

	// maxPiece bounds what a torrent can make us keep in memory: 16 MiB of bitmaps. It is a TiB in pieces of 16 KiB.
	maxPiece = 1<<26 - 1
)

type infohashBytes = [20]byte

// bitmaps are what is known about a torrent's pieces: one bit for each in either, the lowest bit first. They have the
// same length; pieces past it are unknown.
type bitmaps struct{ known, complete []byte }

// completion keeps all torrents' bitmaps in memory, as the database has them: two bits a piece.
type completion struct {
	// changing is held while the database and then the memory are changed, so that both see the same order.
	changing sync.Mutex
	mu       sync.RWMutex
	torrents map[infohashBytes]bitmaps
}

// Get reports whether a piece is complete, from memory; known is false when nothing was ever set. It implements
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

// Set remembers pieces as complete or not, in one transaction that is on the disk when it returns; nothing is written
// when all of it was known. It implements swarm.Completion.
func (db *DB) Set(infohash [20]byte, pieces []int, complete bool) error {
	return db.pieces.change(func() (apply func(), err error) {
		chunks, err := db.pieces.with(infohash, pieces, complete)
		if err != nil {
			return nil, db.fail("set pieces", err)
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
				db.pieces.store(infohash, n, c)
			}
		}, err
	})
}

// change runs a change of the database and, when it has succeeded, of the memory.
func (c *completion) change(database func() (apply func(), err error)) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	apply, err := database()
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	apply()
	return nil
}

// with returns the chunks, by number, that change when the pieces are set, as they will be. The caller holds changing.
func (c *completion) with(infohash infohashBytes, pieces []int, complete bool) (map[int]bitmaps, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	now, chunks := c.torrents[infohash], map[int]bitmaps{}
	for _, piece := range pieces {
		if piece < 0 || piece > maxPiece {
			return nil, invalid(fmt.Sprintf("piece %d is out of range", piece))
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

// store puts a chunk into the memory. The caller holds mu.
func (c *completion) store(infohash infohashBytes, n int, chunk bitmaps) {
	b, from, used := c.torrents[infohash], n*chunkBytes, chunk.used()
	if grow := from + used - len(b.known); grow > 0 {
		b.known = append(b.known, make([]byte, grow)...)
		b.complete = append(b.complete, make([]byte, grow)...)
	}
	copy(b.known[from:], chunk.known[:used])
	copy(b.complete[from:], chunk.complete[:used])
	c.torrents[infohash] = b
}

// load reads all bitmaps.
func (c *completion) load(tx *bolt.Tx) error {
	c.torrents = map[infohashBytes]bitmaps{}
	return each(tx, piecesBucket, nil, func(key, value []byte) error {
		chunk, err := decodeChunk(key, value)
		if err != nil {
			return err
		}
		n := binary.BigEndian.Uint32(key[len(infohashBytes{}):])
		c.store(infohashBytes(key[:len(infohashBytes{})]), int(n), chunk)
		return nil
	})
}

func chunkKey(infohash infohashBytes, n int) []byte {
	return binary.BigEndian.AppendUint32(infohash[:], uint32(n))
}

// used is the number of bytes up to the last piece that is known.
func (b bitmaps) used() int {
	n := len(b.known)
	for n > 0 && b.known[n-1] == 0 {
		n--
	}
	return n
}

// encode returns the record's value: both bitmaps up to the last piece that is known, known first.
func (b bitmaps) encode() []byte {
	n := b.used()
	return append(append(make([]byte, 0, 2*n), b.known[:n]...), b.complete[:n]...)
}

// decodeChunk is the inverse of encode; the result lies in value.
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
