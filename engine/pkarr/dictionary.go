package pkarr

import (
	"encoding/hex"

	"github.com/anacrolix/torrent/bencode"
)

// Dictionary returns the infohash that an item of BEP 46 names; false if it is no such item.
func (i Item) Dictionary() (infohash string, ok bool) {
	var d struct {
		Infohash string `bencode:"ih"`
	}
	if !readDictionary(i.Value, &d) || len(d.Infohash) != 20 {
		return "", false
	}
	return hex.EncodeToString([]byte(d.Infohash)), true
}

// isDictionary reports whether a value is a bencoded dictionary.
func isDictionary(value []byte) bool {
	var d map[string]any
	return readDictionary(value, &d)
}

// readDictionary reads a bencoded dictionary into what d points to; false if that cannot be.
func readDictionary(value []byte, d any) (ok bool) {
	if len(value) == 0 || len(value) > MaxValue || value[0] != 'd' {
		return false
	}
	defer func() { ok = recover() == nil && ok }() // The library has panicked at strange numbers.
	return bencode.Unmarshal(value, d) == nil
}
