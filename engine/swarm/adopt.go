package swarm

import (
	"crypto/sha1"
	"crypto/subtle"
	"slices"
	"strings"

	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/torrent"
)

// A new version of a site has most of its files in common with the one before. What is here already is taken from
// there, and the swarm is asked for the rest only. Nothing is believed: a piece counts when it has the hash that the
// new version's info dictionary gives it. Pieces that have bytes of changed files in them are fetched.

// mayAdopt says that there may be something to take before the swarm is asked. life must be held.
func (h *handle) mayAdopt() bool { return len(h.spec.Like) > 0 && !h.adopted && h.meta.Load() != nil }

// adoptAndOpen goes on with the swarm when what is here has been taken, unless the torrent has left meanwhile.
func (h *handle) adoptAndOpen(peers *torrent.Torrent) {
	done := h.adopt(peers)
	h.life.Lock()
	defer h.life.Unlock()
	if h.peers.Load() != peers {
		return
	}
	h.adopted = h.adopted || done
	h.openContent(peers)
}

// adopt takes what it can from the torrents of Spec.Like. It ends early, and reports false, when the torrent leaves the
// swarm. Nobody else writes to the torrent's data meanwhile: peers does not know it yet.
func (h *handle) adopt(peers *torrent.Torrent) bool {
	h.adopting.Lock()
	defer h.adopting.Unlock()
	m, data := h.meta.Load(), h.data.Load()
	sources := h.sources(m)
	if sources == nil {
		return true
	}
	buf := make([]byte, min(m.PieceLength, max(1, m.layoutSize())))
	taken := 0
	for p := range m.Pieces {
		select {
		case <-peers.Closed():
			return false
		case <-h.ctx.Done():
			return false
		default:
		}
		if h.c.guard.stopped() {
			break
		}
		ok, err := data.Take(p, sources, buf, func(b []byte) bool { return m.rightBytes(b, p) })
		if err != nil {
			h.c.log.Warn("cannot take what another torrent has in common", "torrent", h.name, "err", err)
			break
		}
		if ok {
			taken++
		}
	}
	h.c.log.Info("took from other versions what they have in common", "torrent", h.name, "pieces", taken, "of", m.Pieces)
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

// sources finds for each file of the layout one in a torrent of Spec.Like that may be the same: one of the same path
// and length, or else the only one of that length, which may have been renamed. It gives nil when there is none at all.
func (h *handle) sources(m *meta) []disk.Source {
	type place struct {
		path string
		size int64
	}
	byPath, bySize := map[place]disk.Source{}, map[int64][]disk.Source{}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(h.spec.Like))) {
		hash, err := parseHash("add", name)
		if err != nil || hash == h.hash {
			continue
		}
		other := h.c.handle(hash)
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
