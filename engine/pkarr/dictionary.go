package pkarr

import (
	"encoding/hex"

	"github.com/anacrolix/torrent/bencode"
)

// Dictionary returns the infohash that an item of BEP 46 names; false if it is no such item.
func (i Item) Dictionary() (infohash string, ok bool) {
	if len(i.Value) == 0 || i.Value[0] != 'd' {
		return "", false
	}
	defer func() { ok = recover() == nil && ok }() // The library has panicked at strange numbers.
	var d struct {
		Infohash string `bencode:"ih"`
	}
	if err := bencode.Unmarshal(i.Value, &d); err != nil || len(d.Infohash) != 20 {
		return "", false
	}
	return hex.EncodeToString([]byte(d.Infohash)), true
}
