package swarm

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/wire"
)

// maxInfoSize is the maximum size of an info dictionary in bytes.
const maxInfoSize = engine.MaxMetainfoSize

// meta is a validated info dictionary, in the forms that are needed.
type meta struct {
	Info
	layout disk.Layout
	hashes []byte // the pieces' SHA-1 hashes
	// dir reports whether the torrent is a folder. paths holds the paths of all files of the layout.
	dir   bool
	paths [][]string
}

// wireLayout returns the layout of the pieces for package wire.
func (m *meta) wireLayout() wire.Layout {
	return wire.Layout{Pieces: m.Pieces, PieceLength: m.PieceLength, Size: m.layoutSize()}
}

func isInfoOf(hash infohash, info []byte) bool { return sha1.Sum(info) == hash }

// isV2InfoOf reports whether an infohash is the truncated v2 infohash (BEP 52) of this info dictionary. v2 piece
// hashes are not supported here.
func isV2InfoOf(hash infohash, info []byte) bool {
	sum := sha256.Sum256(info)
	return infohash(sum[:len(hash)]) == hash
}

// parseInfo parses an info dictionary. The error is of Kind Refused if the torrent must not be joined.
func parseInfo(hash infohash, raw []byte) (*meta, error) {
	switch {
	case len(raw) > maxInfoSize:
		return nil, newRefusedError(
			"its description is %d MiB long; %d are enough for any site", len(raw)>>20, maxInfoSize>>20)
	case isInfoOf(hash, raw):
	case isV2InfoOf(hash, raw):
		if _, err := parseInfoDict(raw); err != nil {
			return nil, newRefusedError("%v", err)
		}
		return nil, newRefusedError("that is the BitTorrent v2 infohash of a hybrid: open its v1 infohash, %x", sha1.Sum(raw))
	default:
		return nil, newRefusedError("its description does not belong to its infohash")
	}
	d, err := parseInfoDict(raw)
	if err != nil {
		return nil, newRefusedError("%v", err)
	}
	m := &meta{hashes: d.pieces, dir: d.dir}
	m.Name, m.Bytes, m.PieceLength, m.Private = d.name, raw, d.pieceLength, d.private
	m.Pieces = len(d.pieces) / sha1.Size
	m.layout.PieceLength, m.layout.Pieces = m.PieceLength, m.Pieces
	for i, f := range d.files {
		padding := f.isPadding()
		m.layout.Files = append(m.layout.Files, disk.File{Offset: f.offset, Length: f.length, Hidden: padding})
		m.paths = append(m.paths, f.path)
		if padding || f.isSymlink() {
			continue
		}
		m.Files = append(m.Files, FileInfo{Index: i, Path: f.path, Size: f.length})
		m.Size += f.length
	}
	for i := range m.Files {
		m.Files[i].Tag = m.fileTag(m.Files[i].Index)
	}
	return m, nil
}

// fileTag returns an entity tag derived from the hashes of the file's pieces, its offset in the first of them, and its
// length. It is the same after restarts and changes with the content.
func (m *meta) fileTag(file int) string {
	f := m.layout.Files[file]
	h := sha256.New()
	var head [16]byte
	binary.BigEndian.PutUint64(head[:8], uint64(f.Length))
	binary.BigEndian.PutUint64(head[8:], uint64(f.Offset%m.PieceLength))
	h.Write(head[:])
	if f.Length > 0 {
		first, last := f.Offset/m.PieceLength, (f.Offset+f.Length+m.PieceLength-1)/m.PieceLength
		h.Write(m.hashes[first*sha1.Size : last*sha1.Size])
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15])
}

// checkLimits checks a torrent against the limits that the user can lift. The cache limit comes last: pinning the site
// lifts only that one.
func (m *meta) checkLimits(l SiteLimits) error {
	var total int64
	for _, f := range m.layout.Files {
		total += f.Length // Padding counts too: the torrent claims it.
	}
	switch {
	case l.Size > 0 && total > l.Size:
		return opError("add", engine.TooLarge, fmt.Sprintf(
			"%s is over the limit of %s: allow it, or raise --max-site-size", engine.Bytes(total), engine.Bytes(l.Size)), nil)
	case l.Files > 0 && len(m.layout.Files) > l.Files:
		return opError("add", engine.TooLarge, fmt.Sprintf(
			"%d files are over the limit of %d: allow it", len(m.layout.Files), l.Files), nil)
	case l.Cache > 0 && total > l.Cache:
		return opError("add", engine.TooLarge, fmt.Sprintf(
			"%s is more than the whole cache of %s: allow it, pin it, or raise --cache-size",
			engine.Bytes(total), engine.Bytes(l.Cache)), nil)
	}
	return nil
}

func newRefusedError(format string, args ...any) error {
	return opError("add", engine.Refused,
		engine.Clean("the torrent is refused: "+fmt.Sprintf(format, args...)+". Remove it"), nil)
}
