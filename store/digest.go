package store

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/cespare/xxhash/v2"
)

// digest is a checksum of a set of records, whatever their order: it changes when one of them is changed, lost or
// added. It is the sum of the records' 64-bit hashes modulo 2^64, so that a transaction can update it from the records
// that it changes alone. It guards against faults, not against attackers.
type digest uint64

func (d *digest) add(bucket string, key, value []byte)    { *d += hashRecord(bucket, key, value) }
func (d *digest) remove(bucket string, key, value []byte) { *d -= hashRecord(bucket, key, value) }

// hashRecord returns the hash of a record. Lengths precede the parts, so that different records are never the same
// bytes.
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

// UnmarshalText parses the result of MarshalText.
func (d *digest) UnmarshalText(b []byte) error {
	n, err := strconv.ParseUint(string(b), 16, 64)
	if err != nil || len(b) != 16 {
		return fmt.Errorf("store: %q is not a digest", b)
	}
	*d = digest(n)
	return nil
}
