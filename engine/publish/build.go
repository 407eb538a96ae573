package publish

import (
	"context"
	"crypto/sha1" //nolint:gosec // BEP 3 defines the infohash and the piece hashes as SHA-1.
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine"
)

const (
	minPiece  = 16 << 10 // small pieces, so that a first page needs little more than itself
	maxPiece  = 16 << 20
	maxPieces = 2000 // about the most that keeps the info dictionary (20 bytes a piece) quick to fetch
)

// Metainfo is a folder as a torrent.
type Metainfo struct {
	// Infohash is 40 lower-case hex digits.
	Infohash string
	// Info is the bencoded info dictionary.
	Info []byte
	// Paths are the files' paths in the folder, in the torrent's order.
	Paths []string
	Size  int64
}

// Build reads every file of fsys and gives it as a torrent of that name. Symbolic links and special files are refused,
// as is a folder without files: errors of Kind Invalid name the path.
func Build(ctx context.Context, fsys fs.FS, name string) (Metainfo, error) {
	var m Metainfo
	info := metainfo.Info{Name: name}
	if err := walk(fsys, &m, &info); err != nil {
		return Metainfo{}, err
	}
	info.PieceLength = pieceLength(m.Size)
	var err error
	if info.Pieces, err = hashPieces(ctx, fsys, m.Paths, info.PieceLength); err != nil {
		return Metainfo{}, err
	}
	if m.Info, err = bencode.Marshal(info); err != nil {
		return Metainfo{}, fmt.Errorf("publish: encode: %w", err)
	}
	sum := sha1.Sum(m.Info) //nolint:gosec // see the import
	m.Infohash = hex.EncodeToString(sum[:])
	return m, nil
}

// walk lists the files in byte order of their paths.
func walk(fsys fs.FS, m *Metainfo, info *metainfo.Info) error {
	sizes := map[string]int64{}
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return &engine.Error{Op: "publish: read", Kind: engine.Invalid, Msg: engine.Clean(path) + " cannot be read", Err: err}
		}
		if d.IsDir() {
			return nil
		}
		if !d.Type().IsRegular() {
			return &engine.Error{Op: "publish: read", Kind: engine.Invalid, Msg: engine.Clean(path) + " is a link or a special file: leave it out"}
		}
		fi, err := d.Info()
		if err != nil {
			return fmt.Errorf("publish: read: %w", err)
		}
		sizes[path] = fi.Size()
		m.Paths = append(m.Paths, path)
		return nil
	})
	if err != nil {
		return err
	}
	if len(m.Paths) == 0 {
		return &engine.Error{Op: "publish: read", Kind: engine.Invalid, Msg: "the folder has no files: a site needs at least an index.html"}
	}
	slices.Sort(m.Paths)
	for _, path := range m.Paths {
		m.Size += sizes[path]
		info.Files = append(info.Files, metainfo.FileInfo{Path: strings.Split(path, "/"), Length: sizes[path]})
	}
	return nil
}

// pieceLength is a power of two that keeps the number of pieces within maxPieces, if it can.
func pieceLength(size int64) int64 {
	length := int64(minPiece)
	for length < maxPiece && size/length >= maxPieces {
		length *= 2
	}
	return length
}

// hashPieces hashes the files as one stream, cut into pieces.
func hashPieces(ctx context.Context, fsys fs.FS, paths []string, length int64) ([]byte, error) {
	p := pieceHasher{length: length, hash: sha1.New()} //nolint:gosec // see the import
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := copyFile(fsys, path, &p); err != nil {
			return nil, fmt.Errorf("publish: hash %s: %w", path, err)
		}
	}
	return p.finish(), nil
}

func copyFile(fsys fs.FS, path string, w io.Writer) error {
	f, err := fsys.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// pieceHasher is a Writer that hashes what it is given, piece by piece.
type pieceHasher struct {
	length, filled int64
	hash           hash.Hash
	pieces         []byte
}

func (p *pieceHasher) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		part := b[:min(int64(len(b)), p.length-p.filled)]
		p.hash.Write(part)
		p.filled += int64(len(part))
		b = b[len(part):]
		if p.filled == p.length {
			p.end()
		}
	}
	return n, nil
}

func (p *pieceHasher) end() {
	p.pieces = p.hash.Sum(p.pieces)
	p.hash.Reset()
	p.filled = 0
}

// finish gives the hashes of all pieces, the last one shorter than the others.
func (p *pieceHasher) finish() []byte {
	if p.filled > 0 {
		p.end()
	}
	return p.pieces
}
