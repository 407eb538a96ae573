package pkarr

import (
	"encoding/hex"

	"github.com/anacrolix/torrent/bencode"
)

// Dictionary returns the infohash of an item in the format of BEP 46; false if it has another format.
func (i Item) Dictionary() (infohash string, ok bool) {
	d, _ := parseDictionary(i.Value)
	raw, ok := d["ih"].(string)
	if !ok || len(raw) != 20 {
		return "", false
	}
	return hex.EncodeToString([]byte(raw)), true
}

// parseDictionary parses a value that is a bencoded dictionary; false if it is not one.
func parseDictionary(value []byte) (d map[string]any, ok bool) {
	if len(value) == 0 || len(value) > MaxValue || value[0] != 'd' {
		return nil, false
	}
	defer func() {
		if recover() != nil { // The library has panicked on unusual numbers.
			d, ok = nil, false
		}
	}()
	if err := bencode.Unmarshal(value, &d); err != nil {
		return nil, false
	}
	return d, true
}
