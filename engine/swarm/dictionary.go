package swarm

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"math"
	"strings"

	"wtptui/engine/swarm/bencode"
)

// Limits that hold for any torrent, whatever the user's limits are: beyond them it is either broken or an attack.
const (
	minPieceLength = 1 << 10
	maxPieceLength = 64 << 20
	maxPieces      = 1 << 19
	maxFiles       = 200_000
	maxPathParts   = 256
)

// errV2Only is the error for a torrent without v1 pieces (BEP 52).
var errV2Only = errors.New("it is for BitTorrent v2 only: ask its author for a v1 or hybrid torrent")

// infoDict is a parsed info dictionary (BEP 3). Of a hybrid torrent (BEP 52) it is the v1 half, whatever the v2 half
// says: what is fetched and served is verified with the hashes of the v1 pieces, and the infohash of the site covers
// both halves.
type infoDict struct {
	name        string
	pieceLength int64
	// pieces holds the concatenated SHA-1 hashes of the pieces; a torrent of empty files may lack them.
	pieces []byte
	// dir reports whether the torrent is a folder of files, not a single file.
	dir     bool
	files   []dictFile
	private bool
}

// dictFile is a file in an info dictionary.
type dictFile struct {
	path   []string
	length int64
	// offset is where the file starts, in bytes from the start of the first piece.
	offset int64
	// attr holds its attributes (BEP 47), one letter each.
	attr string
}

// parseInfoDict parses an info dictionary and checks the pieces and the paths and lengths of the files. It is safe for
// any bytes. Other malformed entries are ignored. The error is a clause that continues "the torrent is refused: ".
func parseInfoDict(raw []byte) (*infoDict, error) {
	d, rest, ok := bencode.ParseDict(raw)
	if !ok || len(rest) > 0 {
		return nil, errors.New("its description cannot be read: it is not a bencoded dictionary")
	}
	info := &infoDict{name: utf8String(d, "name")}
	if n, isNumber := d.Number("private"); isNumber && n != 0 || string(d.Text("private")) == "1" {
		info.private = true // A string can only have been meant as a flag, too.
	}
	if err := info.readPieces(d); err != nil {
		return nil, err
	}
	if err := info.readFiles(d); err != nil {
		return nil, err
	}
	if err := info.checkSize(); err != nil {
		return nil, err
	}
	return info, nil
}

func (info *infoDict) readPieces(d bencode.Dict) error {
	length, ok := d.Number("piece length")
	info.pieceLength, info.pieces = length, d.Text("pieces")
	switch n := len(info.pieces) / sha1.Size; {
	case info.pieces == nil && (d.Get("meta version") != nil || d.Get("file tree") != nil):
		return errV2Only
	case !ok:
		return errors.New(`its "piece length" is missing or is not a number`)
	case length < minPieceLength || length > maxPieceLength:
		return fmt.Errorf("its piece length is %d bytes; 1 KiB to 64 MiB are allowed", length)
	case len(info.pieces)%sha1.Size != 0:
		return errors.New("its list of pieces is broken")
	case n > maxPieces:
		return fmt.Errorf("it has %d pieces; %d are allowed", n, maxPieces)
	}
	return nil
}

func (info *infoDict) readFiles(d bencode.Dict) error {
	files := d.Get("files")
	if !bencode.IsList(files) {
		length, ok := d.Number("length")
		if !ok {
			return errors.New(`it has neither a list of "files" nor the "length" of a single one`)
		}
		if info.name == "" {
			return errors.New(`the "name" of its only file is missing or is not a string`)
		}
		return info.addFile(dictFile{path: []string{info.name}, length: length, attr: string(d.Text("attr"))})
	}
	info.dir = true
	for item := range bencode.List(files) {
		n := len(info.files) + 1
		f, _, ok := bencode.ParseDict(item)
		length, hasLength := f.Number("length")
		path, hasPath := filePath(f)
		switch {
		case !ok:
			return fmt.Errorf("its file %d is not a dictionary", n)
		case !hasLength:
			return fmt.Errorf(`the "length" of its file %d is missing or is not a number`, n)
		case !hasPath:
			return fmt.Errorf(`the "path" of its file %d is missing or is not a list of at most %d strings`, n, maxPathParts)
		}
		if err := info.addFile(dictFile{path: path, length: length, attr: string(f.Text("attr"))}); err != nil {
			return err
		}
	}
	if len(info.files) == 0 {
		return errors.New("it has no files")
	}
	return nil
}

// addFile appends a file.
func (info *infoDict) addFile(f dictFile) error {
	f.offset = info.size()
	switch {
	case f.length < 0:
		return fmt.Errorf("its file %d has a negative length", len(info.files)+1)
	case f.length > math.MaxInt64-maxPieceLength-f.offset:
		return errors.New("its files are longer than any disk")
	case len(info.files) == maxFiles:
		return fmt.Errorf("it has more than %d files", maxFiles)
	}
	info.files = append(info.files, f)
	return nil
}

// size returns the length of all files together, padding included, in bytes.
func (info *infoDict) size() int64 {
	if len(info.files) == 0 {
		return 0
	}
	last := info.files[len(info.files)-1]
	return last.offset + last.length
}

func (info *infoDict) checkSize() error {
	have, want := int64(len(info.pieces)/sha1.Size), (info.size()+info.pieceLength-1)/info.pieceLength
	if have != want {
		return fmt.Errorf("it has %d pieces for files that need %d", have, want)
	}
	return nil
}

// utf8String returns the string of a key as UTF-8. Some programs add a ".utf-8" key beside one in another encoding.
func utf8String(d bencode.Dict, key string) string {
	if s := d.Text(key + ".utf-8"); len(s) > 0 {
		return string(s)
	}
	return string(d.Text(key))
}

// filePath returns the parts of a file's path, from "path.utf-8" if it is there.
func filePath(f bencode.Dict) (path []string, ok bool) {
	if path, ok = stringList(f.Get("path.utf-8")); ok && len(path) > 0 {
		return path, true
	}
	return stringList(f.Get("path"))
}

// stringList returns the items of a list of strings; ok is false for anything else.
func stringList(v []byte) (all []string, ok bool) {
	if !bencode.IsList(v) {
		return nil, false
	}
	for item := range bencode.List(v) {
		s := bencode.Text(item)
		if s == nil || len(all) == maxPathParts {
			return nil, false
		}
		all = append(all, string(s))
	}
	return all, true
}

// isSymlink reports whether a file is a symlink (BEP 47), which has no content.
func (f *dictFile) isSymlink() bool { return strings.Contains(f.attr, "l") }

// isPadding reports whether a file only aligns the next one to a piece, and holds zeros. It is marked by its attribute
// (BEP 47), or by the name that BitComet uses.
func (f *dictFile) isPadding() bool {
	return strings.Contains(f.attr, "p") ||
		len(f.path) > 0 && strings.HasPrefix(f.path[len(f.path)-1], "_____padding_file_")
}
