package swarm

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"wtptui/engine/swarm/bencode"
)

// leafSize is how many bytes of a file one leaf of its hash tree covers (BEP 52).
const leafSize = 16 << 10

// treeFile is a file in the file tree of a v2 or hybrid torrent.
type treeFile struct {
	length int64
	root   string // of its hash tree
}

// PieceLayers computes the "piece layers" of the .torrent file of a hybrid torrent (BEP 52): for each file longer than
// a piece, by its root, the hashes of its pieces. Peers do not send them with the info dictionary, so they are
// computed from the content. open opens a file of Info.Files by its Index. Files that differ in the v2 half are
// omitted. It returns nil for a v1 torrent.
func PieceLayers(info *Info, open func(index int) (io.ReadCloser, error)) (map[string]string, error) {
	d, _, _ := bencode.ParseDict(info.Bytes)
	tree := d.Dict("file tree")
	length := info.PieceLength
	if tree == nil || length < leafSize || length&(length-1) != 0 {
		return nil, nil
	}
	known := map[string]treeFile{}
	readTree(tree, "", known)
	layers := map[string]string{}
	for _, f := range info.Files {
		v2, ok := known[strings.Join(f.Path, "/")]
		if !ok || v2.length != f.Size || f.Size <= length {
			continue
		}
		layer, root, err := hashFile(f, length, open)
		if err != nil {
			return nil, fmt.Errorf("swarm: hash %s: %w", strings.Join(f.Path, "/"), err)
		}
		if root == v2.root {
			layers[root] = layer
		}
	}
	return layers, nil
}

// readTree adds the files in a folder of a file tree to known. An empty key marks a file.
func readTree(tree bencode.Dict, folder string, known map[string]treeFile) {
	for name, v := range tree.All() {
		entry, _, ok := bencode.ParseDict(v)
		switch {
		case !ok:
		case len(name) > 0:
			readTree(entry, folder+"/"+string(name), known)
		default:
			length, _ := entry.Number("length")
			known[strings.TrimPrefix(folder, "/")] = treeFile{length, string(entry.Text("pieces root"))}
		}
	}
}

// hashFile hashes a file. It returns the concatenated hashes of its pieces, and the root of the tree over them.
func hashFile(
	f FileInfo, pieceLength int64, open func(index int) (io.ReadCloser, error),
) (layer, root string, err error) {
	r, err := open(f.Index)
	if err != nil {
		return "", "", err
	}
	defer r.Close()
	var all strings.Builder
	var pieces [][sha256.Size]byte
	for left := f.Size; left > 0; left -= pieceLength {
		leaves := make([][sha256.Size]byte, pieceLength/leafSize) // leaves beyond the end are zero
		for i := range leaves {
			h := sha256.New()
			n, err := io.CopyN(h, r, leafSize)
			if n > 0 {
				h.Sum(leaves[i][:0])
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return "", "", err
			}
		}
		piece := treeRoot(leaves)
		pieces = append(pieces, piece)
		all.Write(piece[:])
	}
	none := treeRoot(make([][sha256.Size]byte, pieceLength/leafSize))
	for len(pieces)&(len(pieces)-1) != 0 {
		pieces = append(pieces, none)
	}
	sum := treeRoot(pieces)
	return all.String(), string(sum[:]), nil
}

// treeRoot returns the root of a hash tree. The number of hashes must be a power of two. It overwrites them.
func treeRoot(hashes [][sha256.Size]byte) [sha256.Size]byte {
	for ; len(hashes) > 1; hashes = hashes[:len(hashes)/2] {
		for i := range len(hashes) / 2 {
			hashes[i] = sha256.Sum256(append(hashes[2*i][:], hashes[2*i+1][:]...))
		}
	}
	return hashes[0]
}
