package swarm

import (
	"crypto/sha1"
	"crypto/subtle"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"wtptui/engine/swarm/disk"
)

// A new version of a site shares most of its files with the version before. Pieces that are here already are copied
// from there, and only the rest is fetched. Every copied piece is verified with the hash in the new version's info
// dictionary. Pieces that contain bytes of changed files are fetched.

// pieceReuse copies pieces into a torrent from similar torrents.
type pieceReuse struct {
	hash     infohash
	name     string   // the infohash in hex
	similar  []string // infohashes of the similar torrents
	content  *content
	torrents *registry
	guard    *diskGuard
	log      *slog.Logger

	mu sync.Mutex // held by copyPieces
}

// isDue reports whether there may be pieces to copy before anything is fetched.
func (a *pieceReuse) isDue() bool {
	return len(a.similar) > 0 && a.content.meta.Load() != nil
}

// copyPieces copies what it can. It returns false if it ended early because one of the channels was closed. Nothing
// else may write to the torrent's data meanwhile.
func (a *pieceReuse) copyPieces(stop, done <-chan struct{}) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	m, data := a.content.meta.Load(), a.content.data.Load()
	sources := a.sources(m)
	if sources == nil {
		return true
	}
	buf := make([]byte, min(m.PieceLength, max(1, m.layoutSize())))
	taken := 0
	for p := range m.Pieces {
		select {
		case <-stop:
			return false
		case <-done:
			return false
		default:
		}
		if a.guard.isLow() {
			break
		}
		ok, err := data.CopyFrom(p, sources, buf, func(b []byte) bool { return m.verifyBytes(b, p) })
		if err != nil {
			a.log.Warn("cannot copy pieces from another torrent", "torrent", a.name, "err", err)
			break
		}
		if ok {
			taken++
		}
	}
	a.log.Info("copied pieces from other versions", "torrent", a.name, "pieces", taken, "of", m.Pieces)
	return true
}

func (m *meta) layoutSize() int64 {
	if len(m.layout.Files) == 0 {
		return 0
	}
	last := m.layout.Files[len(m.layout.Files)-1]
	return last.Offset + last.Length
}

// verifyBytes reports whether b has the hash of a piece.
func (m *meta) verifyBytes(b []byte, piece int) bool {
	return m.isPieceHash(sha1.Sum(b), piece)
}

// isPieceHash reports whether sum is the hash of a piece.
func (m *meta) isPieceHash(sum [sha1.Size]byte, piece int) bool {
	return subtle.ConstantTimeCompare(sum[:], m.hashes[piece*sha1.Size:(piece+1)*sha1.Size]) == 1
}

// sources returns for each file of the layout a file of a similar torrent that may be the same: one with the same path
// and length, or else the only one of that length, which may have been renamed. It returns nil if there is none at
// all.
func (a *pieceReuse) sources(m *meta) []disk.Source {
	type place struct {
		path string
		size int64
	}
	byPath, bySize := map[place]disk.Source{}, map[int64][]disk.Source{}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(a.similar))) {
		hash, err := parseHash("add", name)
		if err != nil || hash == a.hash {
			continue
		}
		other := a.torrents.get(hash)
		if other == nil {
			continue
		}
		om, data := other.meta.Load(), other.data.Load()
		if om == nil || data == nil {
			continue
		}
		for _, f := range om.Files {
			src := disk.Source{Torrent: data, File: f.Index}
			byPath[place{strings.Join(f.Path, "/"), f.Size}] = src
			bySize[f.Size] = append(bySize[f.Size], src)
		}
	}
	sources := make([]disk.Source, len(m.layout.Files))
	found := false
	for _, f := range m.Files {
		src, ok := byPath[place{strings.Join(f.Path, "/"), f.Size}]
		if same := bySize[f.Size]; !ok && len(same) == 1 {
			src, ok = same[0], true
		}
		if ok {
			sources[f.Index], found = src, true
		}
	}
	if !found {
		return nil
	}
	return sources
}
