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

// maxInfo is how long an info dictionary may be, in bytes.
const maxInfo = engine.MaxMetainfo

// meta is what an info dictionary says, in the forms in which it is needed.
type meta struct {
	Info
	layout disk.Layout
	hashes []byte // the pieces' SHA-1 hashes
	// dir says that the torrent is a folder, and paths are those of all files of the layout.
	dir   bool
	paths [][]string
}

// pieces are the pieces as peers name them.
func (m *meta) pieces() wire.Layout {
	return wire.Layout{Pieces: m.Pieces, PieceLength: m.PieceLength, Size: m.layoutSize()}
}

func isInfoOf(hash infohash, info []byte) bool { return sha1.Sum(info) == hash }

// isV2InfoOf reports whether an infohash is the shortened one of a v2 torrent (BEP 52) with this info dictionary. Its
// pieces have other hashes than those that are known here.
func isV2InfoOf(hash infohash, info []byte) bool {
	sum := sha256.Sum256(info)
	return infohash(sum[:len(hash)]) == hash
}

// parseInfo reads an info dictionary. It fails with Kind Refused for what nobody should join.
func parseInfo(hash infohash, raw []byte) (*meta, error) {
	switch {
	case len(raw) > maxInfo:
		return nil, refused("its description is %d MiB long; %d are enough for any site", len(raw)>>20, maxInfo>>20)
	case isInfoOf(hash, raw):
	case isV2InfoOf(hash, raw):
		if _, err := readDictionary(raw); err != nil {
			return nil, refused("%v", err)
		}
		return nil, refused("that is the BitTorrent v2 infohash of a hybrid: open its v1 infohash, %x", sha1.Sum(raw))
	default:
		return nil, refused("its description does not belong to its infohash")
	}
	d, err := readDictionary(raw)
	if err != nil {
		return nil, refused("%v", err)
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
		m.Files[i].Tag = m.tag(m.Files[i].Index)
	}
	return m, nil
}

// tag derives an entity tag from what makes a file's bytes: the hashes of its pieces, where it begins in the first of
// them, and its length. It stays the same over restarts and changes with the content.
func (m *meta) tag(file int) string {
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

// checkLimits compares a torrent with the limits that a person can lift. The cache comes last: pinning the site lifts
// that one and no other.
func (m *meta) checkLimits(l SiteLimits) error {
	var total int64
	for _, f := range m.layout.Files {
		total += f.Length // padding counts too: it is claimed
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
			"%s is more than the whole cache of %s: allow it, pin it, or raise --cache-size", engine.Bytes(total), engine.Bytes(l.Cache)), nil)
	}
	return nil
}

func refused(format string, args ...any) error {
	return opError("add", engine.Refused, engine.Clean("the torrent is refused: "+fmt.Sprintf(format, args...)+". Remove it"), nil)
}
