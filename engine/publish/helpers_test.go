package publish

import (
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf16"

	"go.uber.org/goleak"

	"wtptui/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// afterLastChange returns a time of the check long enough after the last change of the test's files.
func afterLastChange() time.Time { return time.Now().Add(time.Minute) }

// writeTree writes files below a new folder of that name.
func writeTree(t testing.TB, name string, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for path, content := range files {
		write(t, dir, path, content)
	}
	return dir
}

func write(t testing.TB, dir, path, content string) {
	t.Helper()
	full := filepath.Join(dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, dir string) *Folder {
	t.Helper()
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func check1(t testing.TB, f *Folder, r Rules) *Plan {
	t.Helper()
	if r.Now.IsZero() {
		r.Now = afterLastChange()
	}
	p, err := f.Check(t.Context(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func hash1(t testing.TB, f *Folder, p *Plan, reuse *Reuse) Metainfo {
	t.Helper()
	m, err := Hash(t.Context(), p, opener(f, p), reuse, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func opener(f *Folder, p *Plan) func(int) (Bytes, error) {
	return func(i int) (Bytes, error) { return f.Bytes(p.Files[i]) }
}

func findingCodes(p *Plan) map[string]string {
	out := map[string]string{}
	for _, f := range p.Findings {
		out[f.Path] += f.Code + ":" + string(f.Choice) + " "
	}
	return out
}

func filePaths(p *Plan) []string {
	var out []string
	for _, f := range p.Files {
		out = append(out, f.Path)
	}
	return out
}

// toUTF16 encodes a text without a byte order mark.
func toUTF16(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

// deny is a file system in which one path is unreadable.
type deny struct {
	fs.FS
	path string
}

func (d deny) Open(name string) (fs.File, error) {
	if name == d.path {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.Open(name)
}

func expectKind(t testing.TB, err error, want engine.Kind) {
	t.Helper()
	if engine.KindOf(err) != want {
		t.Errorf("error %v: kind %q, want %q", err, engine.KindOf(err), want)
	}
}
