package publish

import (
	"crypto/sha1" // BEP 3 defines the infohash and the piece hashes as SHA-1.
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
)

const (
	minPiece  = 16 << 10 // small pieces, so that a first page needs little more than itself
	maxPiece  = 16 << 20
	maxPieces = 2000 // about the maximum for which the info dictionary (20 bytes a piece) is quick to fetch
)

// Metainfo is the torrent of a folder.
type Metainfo struct {
	// Infohash is 40 lower-case hex digits.
	Infohash string
	// Info is the bencoded info dictionary.
	Info []byte
	// PieceLength is in bytes; Pieces is the number of pieces.
	PieceLength int64
	Pieces      int
}

// pieceLength returns a power of two that keeps the number of pieces within maxPieces, if possible. It depends on the
// size alone, so that the same tree has the same infohash whatever was published before.
//
// Files follow each other without padding (BEP 47). With it, a file that grows would not move the pieces of those
// after it; but every small file would fill a piece of its own: measured, debian-handbook's 7,879 files would be 8,275
// pieces of 128 KiB instead of 1,542, sqlite3-doc's 958 files 2,251 pieces of 16 KiB instead of 1,705. Programs that
// do not support padding show it as files. And padding would save little: unchanged files are not stored or fetched
// again either way, since they are found by path and size and hashed where they are.
func pieceLength(size int64) int64 {
	length := int64(minPiece)
	for length < maxPiece && size/length >= maxPieces {
		length *= 2
	}
	return length
}

// makeMetainfo encodes the info dictionary (BEP 3): sorted keys, and nothing that depends on the machine.
func makeMetainfo(p *Plan, length int64, hashes []byte) (Metainfo, error) {
	info := metainfo.Info{Name: p.Name, PieceLength: length, Pieces: hashes}
	for _, f := range p.Files {
		info.Files = append(info.Files, metainfo.FileInfo{Path: strings.Split(f.Path, "/"), Length: f.Size})
	}
	encoded, err := bencode.Marshal(info)
	if err != nil {
		return Metainfo{}, fmt.Errorf("publish: encode: %w", err)
	}
	sum := sha1.Sum(encoded)
	return Metainfo{
		Infohash: hex.EncodeToString(sum[:]), Info: encoded, PieceLength: length,
		Pieces: len(hashes) / sha1.Size,
	}, nil
}
