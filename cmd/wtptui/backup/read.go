package backup

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"wtptui/engine"
)

// fileForm is the form of the names of some files, and how large these may be, in bytes.
type fileForm struct {
	name  *regexp.Regexp
	limit int64
}

// forms returns those of all files. They are made at the first use: few runs of the program read a backup.
var forms = sync.OnceValue(func() []fileForm {
	return []fileForm{
		{regexp.MustCompile(`^manifest\.json$`), 64 << 10},
		{regexp.MustCompile(`^config\.toml$`), 1 << 20},
		{regexp.MustCompile(`^settings\.json$`), 1 << 20},
		{regexp.MustCompile(`^keys/[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\.key$`), 4 << 10},
		{regexp.MustCompile(`^sites/[a-z0-9_][a-z0-9._-]{0,253}\.torrent$`), engine.MaxMetainfoSize + 1<<20},
		{regexp.MustCompile(`^sites/[a-z0-9_][a-z0-9._-]{0,253}\.json$`), 16 << 20},
		{regexp.MustCompile(`^lists/[0-9]{1,9}\.json$`), 64 << 20},
		{regexp.MustCompile(`^SHA256SUMS$`), 64 << 20},
	}
})

const (
	// maxFiles bounds how many files a backup has, and maxBytes how large they are together.
	maxFiles = 1 << 20
	maxBytes = 16 << 30
)

func limitOf(name string) (int64, bool) {
	for _, f := range forms() {
		if f.name.MatchString(name) {
			return f.limit, true
		}
	}
	return 0, false
}

// Read reads a whole backup, and calls each with every file but the manifest and the sums, in the order in which they
// were written; each may be nil. No more than one file is in memory. The error has Kind Invalid for what is no backup,
// Damaged for one that is not whole, and Conflict for one of a newer version. Whether it is whole is known at its end:
// whoever acts on the files reads it twice.
func Read(from io.Reader, each func(name string, data []byte) error) (Manifest, error) {
	r := &reading{sums: map[string]string{}}
	pack, err := gzip.NewReader(from)
	if err != nil {
		return r.manifest, notOne("it is not packed as one")
	}
	files := tar.NewReader(pack)
	for {
		header, err := files.Next()
		switch {
		case errors.Is(err, io.EOF):
			return r.manifest, r.end(pack)
		case err != nil && r.manifest.Format == 0:
			return r.manifest, notOne("it does not begin as one")
		case err != nil:
			return r.manifest, cutOff(err)
		}
		name, data, err := r.next(header, files)
		if err == nil && each != nil && name != manifestName && name != sumsName {
			err = each(name, data)
		}
		if err != nil {
			return r.manifest, err
		}
	}
}

// reading is how far a backup has been read.
type reading struct {
	manifest Manifest
	sums     map[string]string // of the files that came, by name
	bytes    int64
	ended    bool // the sums were right
}

// next reads one file.
func (r *reading) next(header *tar.Header, from io.Reader) (name string, data []byte, err error) {
	name, inside := strings.CutPrefix(header.Name, folder)
	limit, known := limitOf(name)
	_, again := r.sums[name]
	r.bytes += header.Size
	switch {
	case !inside || !known || header.Typeflag != tar.TypeReg:
		return "", nil, notOne(fmt.Sprintf("it has %q in it", engine.Clean(header.Name)))
	case again || r.ended:
		return "", nil, damaged("it has " + name + " twice, or after its end")
	case header.Size > limit || len(r.sums) >= maxFiles || r.bytes > maxBytes:
		return "", nil, &engine.Error{
			Op: "backup", Kind: engine.TooLarge, Msg: "the backup is larger than any can be: " + name,
		}
	case (name == manifestName) != (len(r.sums) == 0):
		return "", nil, notOne("it does not begin with what it is")
	}
	if data, err = io.ReadAll(from); err != nil {
		return "", nil, cutOff(err)
	}
	switch name {
	case manifestName:
		err = r.begin(data)
	case sumsName:
		return name, data, r.compare(data)
	}
	r.sums[name] = fmt.Sprintf("%x", sha256.Sum256(data))
	return name, data, err
}

func (r *reading) begin(data []byte) error {
	err := json.Unmarshal(data, &r.manifest)
	switch {
	case err != nil || r.manifest.Format < 1:
		return notOne("it does not say of which version it is")
	case r.manifest.Format > Format:
		return &engine.Error{
			Op: "backup", Kind: engine.Conflict,
			Msg: "the backup was written by a newer wtptui (" + engine.Clean(r.manifest.Program) + "): upgrade this one",
		}
	}
	return nil
}

// compare checks that the files are those of which the sums were written.
func (r *reading) compare(sums []byte) error {
	named := 0
	for line := range strings.Lines(string(sums)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || r.sums[name] != sum {
			return damaged(engine.Clean(name) + " is not what was written")
		}
		named++
	}
	if named != len(r.sums) {
		return damaged("it has files that were not written into it")
	}
	r.ended = true
	return nil
}

// maxPadding bounds what may follow the last file: tar fills up its last block.
const maxPadding = 1 << 20

// end checks that nothing is missing, up to the sum that gzip writes last.
func (r *reading) end(rest io.Reader) error {
	if r.manifest.Format == 0 {
		return notOne("it is empty")
	}
	n, err := io.Copy(io.Discard, io.LimitReader(rest, maxPadding))
	switch {
	case err != nil:
		return cutOff(err)
	case n == maxPadding:
		return damaged("something follows its end")
	case !r.ended:
		return cutOff(io.ErrUnexpectedEOF)
	}
	return nil
}

func notOne(why string) error {
	return &engine.Error{
		Op: "backup", Kind: engine.Invalid,
		Msg: "that is no backup of wtptui: " + why + ": give a file that `wtptui backup` has written",
	}
}

func damaged(why string) error {
	return &engine.Error{
		Op: "backup", Kind: engine.Damaged, Msg: "the backup is damaged: " + why + ": take another copy of it",
	}
}

func cutOff(err error) error {
	return &engine.Error{
		Op: "backup", Kind: engine.Damaged, Err: err, Msg: "the backup is cut off or damaged: take another copy of it",
	}
}
