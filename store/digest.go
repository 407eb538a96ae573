package store

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/cespare/xxhash/v2"
)

// digest sums up a set of records: it changes when one of them is altered, lost or added, whatever their order. It is
// the sum of the records' 64-bit hashes modulo 2^64, so that a transaction updates it from the records it touches
// alone. It guards against faults, not against somebody who means to deceive.
type digest uint64

func (d *digest) add(bucket string, key, value []byte)    { *d += hashRecord(bucket, key, value) }
func (d *digest) remove(bucket string, key, value []byte) { *d -= hashRecord(bucket, key, value) }

// hashRecord puts the length before each part, so that no two records run into the same bytes.
func hashRecord(bucket string, key, value []byte) digest {
	var h xxhash.Digest
	h.Reset()
	var length [8]byte
	binary.LittleEndian.PutUint32(length[:4], uint32(len(bucket)))
	binary.LittleEndian.PutUint32(length[4:], uint32(len(key)))
	_, _ = h.Write(length[:]) // A hash never fails.
	_, _ = h.WriteString(bucket)
	_, _ = h.Write(key)
	_, _ = h.Write(value)
	return digest(h.Sum64())
}

// MarshalText returns 16 hex digits: a JSON number could not carry 64 bits everywhere.
func (d digest) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%016x", uint64(d)), nil
}

// UnmarshalText reads what MarshalText gave.
func (d *digest) UnmarshalText(b []byte) error {
	n, err := strconv.ParseUint(string(b), 16, 64)
	if err != nil || len(b) != 16 {
		return fmt.Errorf("store: %q is not a digest", b)
	}
	*d = digest(n)
	return nil
}
