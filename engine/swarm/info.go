package swarm

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/wire"
)

// What no torrent may claim, whatever its limits are lifted to: beyond these it is either broken or a bomb.
const (
	maxInfo        = engine.MaxMetainfo
	minPieceLength = 1 << 10
	maxPieceLength = 64 << 20
	maxPieces      = 1 << 19
	maxFiles       = 200_000
	maxPathParts   = 256
)

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

// parseInfo reads an info dictionary. It fails with Kind Refused for what nobody should join.
func parseInfo(hash infohash, raw []byte) (*meta, error) {
	if len(raw) > maxInfo {
		return nil, refused("its description is %d MiB long; %d are enough for any site", len(raw)>>20, maxInfo>>20)
	}
	if !isInfoOf(hash, raw) {
		return nil, refused("its description does not belong to its infohash: only BitTorrent v1 infohashes are addresses")
	}
	var info metainfo.Info
	if err := bencode.Unmarshal(raw, &info); err != nil {
		return nil, refused("its description cannot be read: %v", err)
	}
	if err := checkShape(&info); err != nil {
		return nil, err
	}
	m := &meta{hashes: info.Pieces, dir: info.IsDir()}
	m.Name, m.Bytes, m.PieceLength = info.BestName(), raw, info.PieceLength
	m.Private = info.Private != nil && *info.Private
	m.layout.PieceLength = info.PieceLength
	m.layout.Pieces = len(info.Pieces) / sha1.Size
	m.Pieces = m.layout.Pieces
	for i, f := range info.UpvertedFiles() {
		padding := attribute(f, &info, 'p')
		m.layout.Files = append(m.layout.Files, disk.File{Offset: f.TorrentOffset, Length: f.Length, Hidden: padding})
		path := slices.Clone(f.BestPath())
		if !info.IsDir() {
			path = []string{info.BestName()}
		}
		m.paths = append(m.paths, path)
		if padding || attribute(f, &info, 'l') {
			continue
		}
		m.Files = append(m.Files, FileInfo{Index: i, Path: path, Size: f.Length})
		m.Size += f.Length
	}
	for i := range m.Files {
		m.Files[i].Tag = m.tag(m.Files[i].Index)
	}
	return m, nil
}

// attribute reports whether a file has a BEP 47 attribute: p for padding, l for a symlink.
func attribute(f metainfo.FileInfo, info *metainfo.Info, attr byte) bool {
	attrs := f.Attr
	if !info.IsDir() {
		attrs = info.Attr
	}
	for i := range len(attrs) {
		if attrs[i] == attr {
			return true
		}
	}
	return false
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

// checkShape refuses what is broken, or built to break something. It must be safe for any dictionary.
func checkShape(info *metainfo.Info) error {
	switch {
	case info.MetaVersion > 1 || len(info.FileTree.Dir) > 0:
		// The library's support for hybrids ends the process when one has an empty file, and it does not give others
		// the pieces at the end of files, where BitTorrent v1 has padding.
		return refused("it is for BitTorrent v2, or a hybrid of v1 and v2, and wtp sites are v1 torrents: ask its author for one")
	case info.PieceLength < minPieceLength || info.PieceLength > maxPieceLength:
		return refused("its pieces are %d bytes long; 1 KiB to 64 MiB are allowed", info.PieceLength)
	case len(info.Pieces)%sha1.Size != 0:
		return refused("its list of pieces is broken")
	case len(info.Pieces)/sha1.Size > maxPieces:
		return refused("it has %d pieces; %d are allowed", len(info.Pieces)/sha1.Size, maxPieces)
	case len(info.Files) > maxFiles:
		return refused("it has %d files; %d are allowed", len(info.Files), maxFiles)
	}
	return checkLengths(info)
}

func checkLengths(info *metainfo.Info) error {
	var end int64
	files := 0
	for f := range info.UpvertedFilesIter() {
		switch {
		case f.Length < 0:
			return refused("a file has a negative length")
		case f.Length > math.MaxInt64-maxPieceLength-f.TorrentOffset || f.TorrentOffset < 0:
			return refused("its files are longer than any disk")
		case len(f.BestPath()) > maxPathParts:
			return refused("a path has %d parts", len(f.BestPath()))
		}
		end = max(end, f.TorrentOffset+f.Length)
		files++
	}
	if files > maxFiles {
		return refused("it has %d files; %d are allowed", files, maxFiles)
	}
	if pieces := (end + info.PieceLength - 1) / info.PieceLength; pieces != int64(len(info.Pieces)/sha1.Size) {
		return refused("it has %d pieces for files that need %d", len(info.Pieces)/sha1.Size, pieces)
	}
	return nil
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
