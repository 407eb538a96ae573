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

// A new version of a site has most of its files in common with the one before. What is here already is taken from
// there, and the swarm is asked for the rest only. Nothing is believed: a piece counts when it has the hash that the
// new version's info dictionary gives it. Pieces that have bytes of changed files in them are fetched.

// adoption takes for a torrent what other torrents have in common with it.
type adoption struct {
	hash    infohash
	name    string   // the infohash in hex
	like    []string // the infohashes of the others
	content *content
	others  *registry
	guard   *diskGuard
	log     *slog.Logger

	mu   sync.Mutex // held while it takes
	done bool       // whoever asks and whoever takes see to it that they do not meet
}

// isDue reports whether there may be something to take before the swarm is asked.
func (a *adoption) isDue() bool { return len(a.like) > 0 && !a.done && a.content.meta.Load() != nil }

// take takes what it can. It ends early, and reports false, when one of the channels is closed. Nobody else may write
// to the torrent's data meanwhile.
func (a *adoption) take(stop, end <-chan struct{}) bool {
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
		case <-end:
			return false
		default:
		}
		if a.guard.stopped() {
			break
		}
		ok, err := data.Take(p, sources, buf, func(b []byte) bool { return m.rightBytes(b, p) })
		if err != nil {
			a.log.Warn("cannot take what another torrent has in common", "torrent", a.name, "err", err)
			break
		}
		if ok {
			taken++
		}
	}
	a.log.Info("took from other versions what they have in common", "torrent", a.name, "pieces", taken, "of", m.Pieces)
	return true
}

func (m *meta) layoutSize() int64 {
	if len(m.layout.Files) == 0 {
		return 0
	}
	last := m.layout.Files[len(m.layout.Files)-1]
	return last.Offset + last.Length
}

// rightBytes reports whether these are the bytes of a piece.
func (m *meta) rightBytes(b []byte, piece int) bool {
	return m.isPieceHash(sha1.Sum(b), piece)
}

// isPieceHash reports whether a piece is to have this hash.
func (m *meta) isPieceHash(sum [sha1.Size]byte, piece int) bool {
	return subtle.ConstantTimeCompare(sum[:], m.hashes[piece*sha1.Size:(piece+1)*sha1.Size]) == 1
}

// sources finds for each file of the layout one in one of the other torrents that may be the same: one of the same path
// and length, or else the only one of that length, which may have been renamed. It gives nil when there is none at all.
func (a *adoption) sources(m *meta) []disk.Source {
	type place struct {
		path string
		size int64
	}
	byPath, bySize := map[place]disk.Source{}, map[int64][]disk.Source{}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(a.like))) {
		hash, err := parseHash("add", name)
		if err != nil || hash == a.hash {
			continue
		}
		other := a.others.get(hash)
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
