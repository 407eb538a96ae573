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

// fileRule is a pattern for the names of files in a backup, and the maximum size of a file that matches it, in bytes.
type fileRule struct {
	pattern  *regexp.Regexp
	maxBytes int64
}

// fileRules returns the rules of all files. They are compiled at the first use: few runs of the program read a backup.
var fileRules = sync.OnceValue(func() []fileRule {
	return []fileRule{
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
	// maxFiles bounds the number of files in a backup, and maxTotalBytes their total size.
	maxFiles      = 1 << 20
	maxTotalBytes = 16 << 30
)

func maxFileBytes(name string) (int64, bool) {
	for _, f := range fileRules() {
		if f.pattern.MatchString(name) {
			return f.maxBytes, true
		}
	}
	return 0, false
}

// Read reads a whole backup, and calls handle with every file but the manifest and the sums, in the order in which
// they were written. handle may be nil. At most one file is in memory at a time. The error has Kind Invalid if src is
// not a backup, Damaged if it is incomplete or damaged, and Conflict if a newer version wrote it. Damage may be found
// only at the end: a caller that acts on the files must read the backup to its end first, and then again.
func Read(src io.Reader, handle func(name string, data []byte) error) (Manifest, error) {
	r := &reader{sums: map[string]string{}}
	decompressed, err := gzip.NewReader(src)
	if err != nil {
		return r.manifest, notABackup("it is not packed as one")
	}
	files := tar.NewReader(decompressed)
	for {
		header, err := files.Next()
		switch {
		case errors.Is(err, io.EOF):
			return r.manifest, r.finish(decompressed)
		case err != nil && r.manifest.Format == 0:
			return r.manifest, notABackup("it does not begin as one")
		case err != nil:
			return r.manifest, cutOff(err)
		}
		name, data, err := r.readFile(header, files)
		if err == nil && handle != nil && name != manifestName && name != sumsName {
			err = handle(name, data)
		}
		if err != nil {
			return r.manifest, err
		}
	}
}

// reader is the state of a Read.
type reader struct {
	manifest   Manifest
	sums       map[string]string // of the files read so far, by name
	totalBytes int64
	verified   bool // the file of sums has been read, and was right
}

// readFile checks and reads one file.
func (r *reader) readFile(header *tar.Header, content io.Reader) (name string, data []byte, err error) {
	name, inFolder := strings.CutPrefix(header.Name, folder)
	limit, known := maxFileBytes(name)
	_, duplicate := r.sums[name]
	r.totalBytes += header.Size
	switch {
	case !inFolder || !known || header.Typeflag != tar.TypeReg:
		return "", nil, notABackup(fmt.Sprintf("it has %q in it", engine.Clean(header.Name)))
	case duplicate || r.verified:
		return "", nil, damaged("it has " + name + " twice, or after its end")
	case header.Size > limit || len(r.sums) >= maxFiles || r.totalBytes > maxTotalBytes:
		return "", nil, &engine.Error{
			Op: "backup", Kind: engine.TooLarge, Msg: "the backup is larger than any can be: " + name,
		}
	case (name == manifestName) != (len(r.sums) == 0):
		return "", nil, notABackup("it does not begin with what it is")
	}
	if data, err = io.ReadAll(content); err != nil {
		return "", nil, cutOff(err)
	}
	switch name {
	case manifestName:
		err = r.parseManifest(data)
	case sumsName:
		return name, data, r.verifySums(data)
	}
	r.sums[name] = fmt.Sprintf("%x", sha256.Sum256(data))
	return name, data, err
}

func (r *reader) parseManifest(data []byte) error {
	err := json.Unmarshal(data, &r.manifest)
	switch {
	case err != nil || r.manifest.Format < 1:
		return notABackup("it does not say of which version it is")
	case r.manifest.Format > Format:
		return &engine.Error{
			Op: "backup", Kind: engine.Conflict,
			Msg: "the backup was written by a newer wtptui (" + engine.Clean(r.manifest.Program) + "): upgrade this one",
		}
	}
	return nil
}

// verifySums checks that the files read are exactly those in the list of sums.
func (r *reader) verifySums(sums []byte) error {
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
	r.verified = true
	return nil
}

// maxPadding bounds what may follow the last file, in bytes: tar fills up its last block.
const maxPadding = 1 << 20

// finish checks that nothing is missing, including the checksum at the end of the gzip stream.
func (r *reader) finish(remaining io.Reader) error {
	if r.manifest.Format == 0 {
		return notABackup("it is empty")
	}
	n, err := io.Copy(io.Discard, io.LimitReader(remaining, maxPadding))
	switch {
	case err != nil:
		return cutOff(err)
	case n == maxPadding:
		return damaged("something follows its end")
	case !r.verified:
		return cutOff(io.ErrUnexpectedEOF)
	}
	return nil
}

func notABackup(reason string) error {
	return &engine.Error{
		Op: "backup", Kind: engine.Invalid,
		Msg: "that is not a backup of wtptui: " + reason + ": give a file that `wtptui backup` has written",
	}
}

func damaged(reason string) error {
	return &engine.Error{
		Op: "backup", Kind: engine.Damaged, Msg: "the backup is damaged: " + reason + ": take another copy of it",
	}
}

func cutOff(err error) error {
	return &engine.Error{
		Op: "backup", Kind: engine.Damaged, Err: err, Msg: "the backup is cut off or damaged: take another copy of it",
	}
}
