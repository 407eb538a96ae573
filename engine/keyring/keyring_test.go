package keyring

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"wtptui/engine"
)

func newRing(t *testing.T) (*Ring, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data", "keys")
	return New(dir), dir
}

func wantKind(t *testing.T, err error, kind engine.Kind, says string) {
	t.Helper()
	if engine.KindOf(err) != kind || !strings.Contains(engine.Message(err), says) {
		t.Errorf("%v, want %q of kind %s", err, says, kind)
	}
}

// TestLifeOfAKey: made, listed, exported, removed, brought back.
func TestLifeOfAKey(t *testing.T) {
	r, dir := newRing(t)
	if keys, err := r.List(); err != nil || len(keys) != 0 {
		t.Errorf("without a folder: %v, %v", keys, err)
	}
	secret, err := r.Create("blog")
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "blog.key"): 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v", path, info.Mode(), err)
			}
		}
	}
	key, err := r.Find("blog")
	if err != nil || key.Host != HostOf(secret) || !engine.IsKey(key.Host) || key.BackedUp || key.CreatedAt.IsZero() {
		t.Errorf("found %+v, %v", key, err)
	}
	_, err = r.Create("blog")
	wantKind(t, err, engine.Conflict, "a key blog already")
	wantKind(t, r.Import("other", secret), engine.Conflict, "is here already, as blog")
	file := filepath.Join(t.TempDir(), "backup")
	if err := WriteFile(file, secret); err != nil {
		t.Fatal(err)
	}
	wantKind(t, WriteFile(file, secret), engine.Conflict, "is there already")
	if err := r.NoteBackup("blog"); err != nil {
		t.Fatal(err)
	}
	if key, _ = r.Find("blog"); !key.BackedUp {
		t.Error("it is not known as exported")
	}
	if err := r.Remove("blog"); err != nil {
		t.Fatal(err)
	}
	_, err = r.Load("blog")
	wantKind(t, err, engine.NotFound, "no key blog")
	wantKind(t, r.Remove("blog"), engine.NotFound, "no key blog")
	seed, err := os.ReadFile(file)
	if err != nil || len(seed) != 65 {
		t.Fatalf("%q, %v", seed, err)
	}
	back, err := ParseSeed(seed)
	if err != nil || r.Import("again", back) != nil {
		t.Fatal(err)
	}
	if name, ok := r.NameOf(HostOf(secret)); !ok || name != "again" {
		t.Errorf("it is called %q, %v", name, ok)
	}
}

// TestBackupOfAFormerKey: that a key was exported says nothing of another one of its name.
func TestBackupOfAFormerKey(t *testing.T) {
	r, dir := newRing(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "blog.backed-up"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Create("blog"); err != nil {
		t.Fatal(err)
	}
	if k, err := r.Find("blog"); err != nil || k.BackedUp {
		t.Errorf("%+v, %v", k, err)
	}
}

// TestDamagedKey: one file that holds no key is told, and keeps nobody from the others.
func TestDamagedKey(t *testing.T) {
	r, dir := newRing(t)
	if _, err := r.Create("good"); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"bad.key": "not hex", "short.key": "abcd", ".new-1": "x", "odd name.key": "x", "note.txt": "x", "huge.key": strings.Repeat("ab", 1<<16),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := r.List()
	var names []string
	for _, k := range keys {
		names = append(names, k.Name)
		if (k.Error == "") != (k.Name == "good") || (k.Host == "") != (k.Name != "good") {
			t.Errorf("listed %+v", k)
		}
	}
	if err != nil || !slices.Equal(names, []string{"bad", "good", "huge", "short"}) {
		t.Errorf("listed %q, %v", names, err)
	}
	_, err = r.Load("bad")
	wantKind(t, err, engine.Damaged, "bring it back from your backup")
}

func TestNames(t *testing.T) {
	for _, name := range []string{"blog", "my-blog_2.org", strings.Repeat("a", 64)} {
		if err := engine.CheckKeyName(name); err != nil {
			t.Error(err)
		}
	}
	r, _ := newRing(t)
	for _, name := range []string{"", "..", ".blog", "-blog", "a/b", `a\b`, "a b", "é", "a\x1b", strings.Repeat("a", 65)} {
		wantKind(t, engine.CheckKeyName(name), engine.Invalid, "is no name for a key")
		_, err := r.Create(name)
		wantKind(t, err, engine.Invalid, "is no name for a key")
		wantKind(t, r.Remove(name), engine.Invalid, "is no name for a key")
	}
}

func FuzzParseSeed(f *testing.F) {
	f.Add([]byte(strings.Repeat("0a", 32) + "\n"))
	f.Add([]byte("x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := ParseSeed(b); err == nil && !strings.EqualFold(strings.TrimSpace(string(b)), strings.TrimSpace(string(FormatSeed(k)))) {
			t.Errorf("%q is read as %q", b, FormatSeed(k))
		}
	})
}
