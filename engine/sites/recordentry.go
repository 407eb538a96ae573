package sites

import (
	"fmt"
	"slices"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// recordEntry is the newest record of a key in a state file. It keeps a rebuilt site from being led back to an older
// version, and lets the owner's machine know what it has signed.
type recordEntry struct {
	Key string `json:"key"`
	// Item is in the encoding of pkarr.Item.Bytes. Own reports whether it was signed here.
	Item []byte `json:"item"`
	Own  bool   `json:"own,omitempty"`
}

// readRecords returns the records of the keys that decide where a site points; named is the one that its domain names.
func readRecords(from Records, entry siteEntry, named string) ([]recordEntry, error) {
	if from == nil {
		return nil, nil
	}
	keys := []string{entry.Site.Host, named}
	if entry.Publication != nil {
		keys = append(keys, entry.Publication.PublicKey)
	}
	slices.Sort(keys)
	var records []recordEntry
	for _, key := range slices.Compact(keys) {
		if !engine.IsKey(key) {
			continue
		}
		item, own, err := from.Record(key)
		if err != nil {
			return nil, fmt.Errorf("sites: the record of %s: %w", key, err)
		}
		if item != nil {
			records = append(records, recordEntry{key, item, own})
		}
	}
	return records, nil
}

// restoreRecords stores those records that are newer than the known ones. Records without a valid signature are
// ignored.
func restoreRecords(to Records, records []recordEntry) error {
	if to == nil {
		return nil
	}
	for _, r := range records {
		key, isKey := engine.ParseKey(r.Key)
		item, err := pkarr.ParseBytes(key, r.Item)
		if !isKey || err != nil {
			continue
		}
		known, _, err := to.Record(r.Key)
		if err != nil {
			return fmt.Errorf("sites: the record of %s: %w", r.Key, err)
		}
		if old, err := pkarr.ParseBytes(key, known); err == nil && !item.Newer(old) {
			continue
		}
		if err := to.PutRecord(r.Key, r.Item, r.Own); err != nil {
			return fmt.Errorf("sites: the record of %s: %w", r.Key, err)
		}
	}
	return nil
}
