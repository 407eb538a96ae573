package engine

import "time"

const (
	// recordLife is for how long a DHT node keeps an item that nobody puts again (BEP 44).
	recordLife = 2 * time.Hour
	// wantedNodes is how many of the eight nodes nearest to a key should hold its record: some leave before it is put
	// again.
	wantedNodes = 4
)

// HasKey reports whether a key decides where the site is: its host is a key, or its domain names one whose record was
// seen.
func (s Site) HasKey() bool { return IsKey(s.Host) || s.Record.Infohash != "" }

// RepublishesRecord reports whether the record of the site's key is put into the DHT again and again by this engine.
func (s Site) RepublishesRecord() bool {
	return s.HasKey() && !s.Held && s.State != Paused && s.State != Found
}

// HolderCount returns how many DHT nodes should hold the record now: those that had it at the last look-up or accepted
// it at the last put, whichever are more. Results that are so old that the nodes have dropped the record do not count.
func (r Record) HolderCount(now time.Time) int {
	found, took := 0, 0
	if isRecent(r.ReadAt, now) {
		found = r.Found
	}
	if isRecent(r.PutAt, now) {
		took = r.Nodes
	}
	return max(found, took)
}

// IsAvailable reports whether readers find the record: enough DHT nodes hold it, or a relay that puts it there has
// accepted it lately.
func (r Record) IsAvailable(now time.Time) bool {
	wanted := wantedNodes
	if r.Nearest > 0 { // In a small network there are no more.
		wanted = min(wanted, (r.Nearest+1)/2)
	}
	return r.HolderCount(now) >= wanted || r.Relays > 0 && isRecent(r.PutAt, now)
}

func isRecent(t Time, now time.Time) bool { return !t.IsZero() && now.Sub(t.Std()) < recordLife }
