package sites

import (
	"encoding/hex"
	"sync"
)

// allowList is the set of torrents that the homes' tracker accepts: those of pinned sites, in all their versions.
// Torrents that were only read here are not in it, so that strangers cannot find out about them by asking the tracker.
// The owner updates it, torrent by torrent, as soon as something relevant changes. Any goroutine may read it without
// waiting.
type allowList struct{ torrents sync.Map } // [20]byte → struct{}

func (a *allowList) set(infohash string, kept bool) {
	var hash [20]byte
	if n, err := hex.Decode(hash[:], []byte(infohash)); err != nil || n != len(hash) {
		return
	}
	if kept {
		a.torrents.Store(hash, struct{}{})
	} else {
		a.torrents.Delete(hash)
	}
}

func (a *allowList) has(hash [20]byte) bool {
	_, kept := a.torrents.Load(hash)
	return kept
}

// isTracked reports whether the homes' tracker accepts a torrent: one of a pinned site that is here, and of no site
// that a person has taken off all of its homes. A site uses its served version, the next one while that is fetched, and
// former ones that are still seeded.
func (ts *torrents) isTracked(t *torrent) bool {
	kept := false
	for s := range t.users {
		if ts.isTakenOff(s.row.Host) {
			return false
		}
		kept = kept || s.row.Pinned && !s.row.Found
	}
	return kept
}

// isTakenOff reports whether a site has homes and all of them are off.
func (h *homes) isTakenOff(host string) bool {
	off := false
	for _, one := range h.sorted {
		if one.host == host {
			if !h.isOff(one.name) {
				return false
			}
			off = true
		}
	}
	return off
}

// Keeps reports whether the homes' tracker accepts a torrent; see allowList. It never waits and may be called for each
// announce.
func (h Homes) Keeps(infohash [20]byte) bool { return h.engine.allowed.has(infohash) }
