package engine

import "time"

const (
	// recordLife is how long a node of the DHT keeps an item that nobody puts again (BEP 44).
	recordLife = 2 * time.Hour
	// wantedNodes is how many of the eight nodes nearest to a key should hold its record: some leave before it is put
	// again.
	wantedNodes = 4
)

// HasKey reports whether a key decides where the site is: its host is one, or its domain names one whose record was
// seen.
func (s Site) HasKey() bool { return IsKey(s.Host) || s.Record.Infohash != "" }

// RepublishesRecord reports whether the record of the site's key is to be put into the DHT again and again from here.
func (s Site) RepublishesRecord() bool {
	return s.HasKey() && !s.Held && s.State != Paused && s.State != Found
}

// HolderCount returns how many nodes of the DHT should hold the record now: those that had it when it was looked up
// last, or took it when it was put last, the greater of the two, unless that is so long ago that they have dropped it.
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

// IsAvailable reports whether the record is where readers find it: enough nodes of the DHT hold it, or a relay that
// puts it there took it lately.
func (r Record) IsAvailable(now time.Time) bool {
	wanted := wantedNodes
	if r.Nearest > 0 { // In a small network there are no more.
		wanted = min(wanted, (r.Nearest+1)/2)
	}
	return r.HolderCount(now) >= wanted || r.Relays > 0 && isRecent(r.PutAt, now)
}

func isRecent(t Time, now time.Time) bool { return !t.IsZero() && now.Sub(t.Std()) < recordLife }
