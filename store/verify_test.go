package store

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/engine"
)

// TestUnreadableSector is about a disk that refuses to give part of the file.
func TestUnreadableSector(t *testing.T) {
	content := sampleContent(t, filepath.Join(t.TempDir(), "wtptui.db"))
	for at := 0; at < len(content); at += 4096 {
		_, err := verifyContent(badSector{bytes.NewReader(content), int64(at)}, int64(len(content)), current.version)
		if err != nil && (!errors.Is(err, errDamaged) || !errors.Is(err, errSector)) {
			t.Fatalf("the bad sector at %d is taken for something else: %v", at, err)
		}
		if at < 2*4096 && err == nil {
			t.Fatalf("the bad sector at %d is not noticed", at)
		}
	}
}

var errSector = errors.New("input/output error")

// badSector cannot be read where at is.
type badSector struct {
	io.ReaderAt
	at int64
}

func (b badSector) ReadAt(p []byte, off int64) (int, error) {
	if off <= b.at && b.at < off+int64(len(p)) {
		return 0, errSector
	}
	return b.ReaderAt.ReadAt(p, off)
}

// Check finds what Open finds, and changes nothing.
func TestCheckChangesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "wtptui.db")
	must(t, Check(path))
	whole := sampleContent(t, path)
	must(t, os.Remove(path+".lock"))
	for name, c := range map[string]struct {
		content []byte
		want    engine.Kind
		msg     string
	}{
		"whole":     {whole, "", ""},
		"empty":     {nil, engine.Damaged, "the next start moves it aside and rebuilds it from the sites' folders"},
		"truncated": {whole[:len(whole)/2], engine.Damaged, "is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, os.WriteFile(path, c.content, 0o600))
			err := Check(path)
			if err == nil && c.want != "" || err != nil &&
				(engine.KindOf(err) != c.want || !strings.Contains(engine.Message(err), c.msg)) {
				t.Errorf("Check says %v", err)
			}
			wantUntouched(t, path, c.content)
			entries, err := os.ReadDir(dir)
			must(t, err)
			wantEqual(t, len(entries), 1)
		})
	}
}
