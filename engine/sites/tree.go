package sites

import (
	"cmp"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// tree finds a torrent's files by path. It is immutable.
type tree struct {
	files map[string]engine.Entry   // by path
	dirs  map[string][]engine.Entry // by path; "" is the root
}

// newTree sorts the files of a torrent into folders. Paths are compared byte by byte. If a torrent has two files of one
// path, the first one is used.
func newTree(info *swarm.Info) *tree {
	t := &tree{files: make(map[string]engine.Entry, len(info.Files)), dirs: map[string][]engine.Entry{"": nil}}
	for _, f := range info.Files {
		path := strings.Join(f.Path, "/")
		if _, taken := t.files[path]; taken || path == "" {
			continue
		}
		entry := engine.Entry{Name: f.Path[len(f.Path)-1], Index: f.Index, Size: f.Size, Tag: f.Tag}
		t.files[path] = entry
		t.put(parent(path), entry)
	}
	for _, entries := range t.dirs {
		slices.SortFunc(entries, func(a, b engine.Entry) int { return cmp.Compare(a.Name, b.Name) })
	}
	return t
}

// put adds an entry to a folder. A new folder is added to its parent.
func (t *tree) put(dir string, entry engine.Entry) {
	entries, known := t.dirs[dir]
	t.dirs[dir] = append(entries, entry)
	if !known {
		t.put(parent(dir), engine.Entry{Name: dir[strings.LastIndexByte(dir, '/')+1:], Dir: true})
	}
}

func parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return ""
	}
	return path[:i]
}
