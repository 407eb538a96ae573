package publish

import (
	"crypto/sha1" // BEP 3 defines the piece hashes as SHA-1.
	"strings"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine"
)

// Previous is the previous version of a site, whose hashes of unchanged files are used again.
type Previous struct {
	// Files are its files in order, with the times that they had in the folder then.
	Files   []File
	offsets []int64
	byPath  map[string]int
	length  int64
	hashes  []byte
}

// ReadPrevious parses the info dictionary of a version. stamps is the result of Plan.Stamps; if it has another length
// than the list of files, every file counts as changed.
func ReadPrevious(info []byte, stamps []int64) (*Previous, error) {
	var m metainfo.Info
	if err := bencode.Unmarshal(info, &m); err != nil {
		return nil, wrapError(engine.Damaged, err, "the list of files of the version before cannot be read")
	}
	p := &Previous{byPath: make(map[string]int, len(m.Files)), length: m.PieceLength, hashes: m.Pieces}
	for i, f := range m.Files {
		file := File{Path: strings.Join(f.Path, "/"), Size: f.Length}
		if len(stamps) == len(m.Files) {
			file.Stamp = stamps[i]
		}
		p.byPath[file.Path] = i
		p.Files = append(p.Files, file)
	}
	p.offsets = fileOffsets(p.Files)
	return p, nil
}

// PieceLength returns the piece length of the version, in bytes.
func (p *Previous) PieceLength() int64 { return p.length }

// Find returns the index of the file of that path, -1 for none, and whether it has the same size.
func (p *Previous) Find(file File) (index int, sameSize bool) {
	if p == nil {
		return -1, false
	}
	i, ok := p.byPath[file.Path]
	if !ok {
		return -1, false
	}
	return i, p.Files[i].Size == file.Size
}

// Same reports whether a file has not been written since that version, by its size and time.
func (p *Previous) Same(file File) bool {
	i, sameSize := p.Find(file)
	return sameSize && file.settled && file.Stamp != 0 && p.Files[i].Stamp == file.Stamp
}

// Changes are the differences of a plan from the previous version.
type Changes struct {
	Added, Changed, Removed List
	Same                    int
}

// List holds paths as a person sees them, at most engine.MaxChanges, and the sizes of the files in bytes. Count is the
// number of all paths.
type List struct {
	Paths []string
	Sizes []int64
	Count int
}

func (l *List) add(f File) {
	l.Count++
	if len(l.Paths) < engine.MaxChanges {
		l.Paths, l.Sizes = append(l.Paths, engine.Clean(f.Path)), append(l.Sizes, f.Size)
	}
}

// Compare returns the differences. same has for each file of the plan the index of the identical file in the version;
// -1 for none.
func (p *Previous) Compare(plan *Plan, same []int) Changes {
	none := func() List { return List{Paths: []string{}, Sizes: []int64{}} }
	c := Changes{Added: none(), Changed: none(), Removed: none()}
	there := make(map[string]bool, len(plan.Files))
	for i, f := range plan.Files {
		there[f.Path] = true
		switch old, _ := p.Find(f); {
		case old < 0:
			c.Added.add(f)
		case same[i] < 0:
			c.Changed.add(f)
		default:
			c.Same++
		}
	}
	if p != nil {
		for _, f := range p.Files {
			if !there[f.Path] {
				c.Removed.add(f)
			}
		}
	}
	return c
}

// None reports whether the plan equals the previous version.
func (c Changes) None() bool {
	return c.Added.Count+c.Changed.Count+c.Removed.Count == 0
}

// Reuse holds the hashes of pieces that need not be read. A nil Reuse has none.
type Reuse struct{ pieces [][]byte }

func (r *Reuse) piece(i int) []byte {
	if r == nil {
		return nil
	}
	return r.pieces[i]
}

// Count returns how many pieces need not be read.
func (r *Reuse) Count() int {
	n := 0
	if r != nil {
		for _, p := range r.pieces {
			if p != nil {
				n++
			}
		}
	}
	return n
}

// Reuse finds the pieces that consist of the same bytes of the same files as a piece of that version. same is as for
// Compare. It returns nil if the piece length differs.
func (p *Previous) Reuse(plan *Plan, same []int) *Reuse {
	length := pieceLength(plan.Size)
	if p == nil || p.length != length {
		return nil
	}
	r := &Reuse{pieces: make([][]byte, (plan.Size+length-1)/length)}
	at := fileOffsets(plan.Files)
	first := 0
	for piece := range r.pieces {
		start := int64(piece) * length
		end := min(start+length, plan.Size)
		for at[first]+plan.Files[first].Size <= start {
			first++
		}
		old, ok := p.previousOffset(plan.Files, at, same, first, start, end)
		if !ok || old%length != 0 || min(old+length, p.size()) != old+end-start {
			continue
		}
		n := old / length * sha1.Size
		r.pieces[piece] = p.hashes[n : n+sha1.Size]
	}
	return r
}

// previousOffset returns the offset in that version of the bytes from start to end, if they were contiguous there. i
// is the index of the file that holds the first of them.
func (p *Previous) previousOffset(files []File, at []int64, same []int, i int, start, end int64) (old int64, ok bool) {
	old = -1
	for ; i < len(files) && at[i] < end; i++ {
		if files[i].Size == 0 {
			continue
		}
		if same[i] < 0 {
			return 0, false
		}
		from := max(start, at[i])
		was := p.offsets[same[i]] + from - at[i] - (from - start)
		if old >= 0 && was != old {
			return 0, false
		}
		old = was
	}
	return old, old >= 0
}

func (p *Previous) size() int64 {
	if len(p.Files) == 0 {
		return 0
	}
	last := len(p.Files) - 1
	return p.offsets[last] + p.Files[last].Size
}
