package keyring

import (
	"crypto/ed25519"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"wtptui/engine"
)

// The first test vector of RFC 8032, section 7.1.
const (
	seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
	host = "47pjoycnsrfmxikm95jh13y88e8qnhzu5kungjpxyepgt7a8krpy"
)

func secretOf(t *testing.T, seed string) ed25519.PrivateKey {
	t.Helper()
	secret, err := ParseSeed([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func newRing(t *testing.T) *Ring {
	t.Helper()
	return New(filepath.Join(t.TempDir(), "data", "keys"))
}

func put(t *testing.T, r *Ring, name, content string) {
	t.Helper()
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestKeyIsStored(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	if keys, err := r.List(); err != nil || keys == nil || len(keys) != 0 {
		t.Fatalf("a folder that is not there has the keys %v, %v", keys, err)
	}
	secret, err := r.Create("blog")
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Load("blog")
	if err != nil || !again.Equal(secret) {
		t.Fatalf("what is loaded is another key: %v", err)
	}
	k, err := r.Find("blog")
	if err != nil || k.Host != PublicHost(secret) || !engine.IsKey(k.Host) ||
		k.Name != "blog" || k.CreatedAt.IsZero() || k.BackedUp {
		t.Errorf("it is %+v, %v", k, err)
	}
	if name, ok := r.FindName(k.Host); !ok || name != "blog" {
		t.Errorf("its name is %q, %v", name, ok)
	}
	if name, ok := r.FindName(host); ok {
		t.Errorf("a key that is not here has the name %q", name)
	}
	if err := r.Remove("blog"); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(r.dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left of it, %v", left, err)
	}
	if _, err := r.Load("blog"); engine.KindOf(err) != engine.NotFound {
		t.Errorf("after it was removed: %v", err)
	}
	if err := r.Remove("blog"); engine.KindOf(err) != engine.NotFound {
		t.Errorf("removed twice: %v", err)
	}
	if err := r.MarkBackedUp("blog"); engine.KindOf(err) != engine.NotFound {
		t.Errorf("a key that is not here was exported: %v", err)
	}
}

func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("its files have no such modes")
	}
	r := newRing(t)
	if _, err := r.Create("blog"); err != nil {
		t.Fatal(err)
	}
	if err := r.MarkBackedUp("blog"); err != nil {
		t.Fatal(err)
	}
	files := r.Files("blog")
	if len(files) != 3 || files[0] != r.dir {
		t.Fatalf("its files are %v", files)
	}
	for i, want := range []fs.FileMode{fs.ModeDir | 0o700, 0o600, 0o600} {
		if info, err := os.Stat(files[i]); err != nil || info.Mode() != want {
			t.Errorf("%s has %v, %v; want %v", files[i], info.Mode(), err, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	for _, name := range []string{"a", "Blog-2", "x_y.z", "9", "blog.key", strings.Repeat("a", 64)} {
		if err := engine.CheckKeyName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"", ".", "..", "-a", ".a", "a/b", `a\b`, "../a", "a b", "ä", "a\x00", "a\n", "a:b", strings.Repeat("a", 65),
	} {
		_, created := r.Create(name)
		_, loaded := r.Load(name)
		_, found := r.Find(name)
		for _, err := range []error{
			engine.CheckKeyName(name), created, loaded, found, r.Import(name, secretOf(t, seed)),
			r.Remove(name), r.MarkBackedUp(name),
		} {
			if engine.KindOf(err) != engine.Invalid || strings.ContainsAny(engine.Message(err), "\x00\n") {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
	if _, err := os.Stat(r.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
}

func TestSeeds(t *testing.T) {
	t.Parallel()
	for _, s := range []string{seed, seed + "\n", " \t" + strings.ToUpper(seed) + "\r\n"} {
		secret, err := ParseSeed([]byte(s))
		if err != nil || PublicHost(secret) != host || string(FormatSeed(secret)) != seed+"\n" {
			t.Errorf("%q is %q, %v", s, PublicHost(secret), err)
		}
	}
	for _, s := range []string{"", seed[:62], seed + "00", seed[:63] + "g", seed + seed, "<!doctype html>", host} {
		if _, err := ParseSeed([]byte(s)); engine.KindOf(err) != engine.Invalid || strings.Contains(err.Error(), seed[:8]) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestImportConflicts(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	if err := r.Import("blog", secretOf(t, seed)); err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]ed25519.PrivateKey{
		"blog":  secretOf(t, strings.Repeat("11", 32)),
		"other": secretOf(t, seed),
	} {
		if err := r.Import(name, secret); engine.KindOf(err) != engine.Conflict || !strings.Contains(err.Error(), "blog") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.Create("blog"); engine.KindOf(err) != engine.Conflict {
		t.Errorf("made again: %v", err)
	}
	if secret, err := r.Load("blog"); err != nil || PublicHost(secret) != host {
		t.Errorf("the key is another one now: %v", err)
	}
}

// Of many who make a key of one name, one does.
func TestCreateIsExclusive(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	var made sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if secret, err := r.Create("blog"); err == nil {
				made.Store(PublicHost(secret), true)
			} else if engine.KindOf(err) != engine.Conflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	k, err := r.Find("blog")
	if err != nil {
		t.Fatal(err)
	}
	made.Range(func(host, _ any) bool {
		if host != k.Host {
			t.Errorf("%v was made, and %s is there", host, k.Host)
		}
		return true
	})
}

func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	put(t, r, "empty.key", "")
	put(t, r, "cut.key", seed[:40])
	put(t, r, "large.key", strings.Repeat("9d", 1<<20))
	put(t, r, "good.key", seed)
	if err := os.Mkdir(filepath.Join(r.dir, "folder.key"), 0o700); err != nil {
		t.Fatal(err)
	}
	keys, err := r.List()
	if err != nil || len(keys) != 5 {
		t.Fatalf("%v, %v", keys, err)
	}
	for _, k := range keys {
		good := k.Name == "good"
		if good != (k.Error == "") || good != (k.Host == host) || strings.Contains(k.Error, "9d61b") {
			t.Errorf("%+v", k)
		}
	}
	for _, name := range []string{"empty", "cut", "large"} {
		_, err := r.Load(name)
		if engine.KindOf(err) != engine.Damaged || !strings.Contains(engine.Message(err), "wtptui keys import "+name) {
			t.Errorf("%s: %v", name, err)
		}
		if err := r.Import(name, secretOf(t, strings.Repeat("22", 32))); engine.KindOf(err) != engine.Conflict {
			t.Errorf("%s was written over: %v", name, err)
		}
		if err := r.Remove(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if name, ok := r.FindName(host); !ok || name != "good" {
		t.Errorf("its name is %q, %v", name, ok)
	}
}

func TestOtherFilesAreNoKeys(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	for _, name := range []string{
		".new-123", ".new-123.key", "-x.key", "blog", "blog.key~", "a b.key", ".key", "lost.backed-up",
	} {
		put(t, r, name, seed)
	}
	if keys, err := r.List(); err != nil || len(keys) > 0 {
		t.Errorf("%v, %v", keys, err)
	}
	if err := r.Import("blog", secretOf(t, seed)); err != nil {
		t.Error(err)
	}
}

func TestBackupIsOfOneKey(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	backedUp := func() bool {
		k, err := r.Find("blog")
		if err != nil {
			t.Fatal(err)
		}
		return k.BackedUp
	}
	if err := r.Import("blog", secretOf(t, seed)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.MarkBackedUp("blog"); err != nil || !backedUp() {
			t.Fatalf("not backed up: %v", err)
		}
	}
	// The file of the key is lost, and another key gets its name.
	if err := os.Remove(r.path("blog", seedSuffix)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Create("blog"); err != nil {
		t.Fatal(err)
	}
	if backedUp() {
		t.Error("the backup of another key counts")
	}
	put(t, r, "blog"+backupSuffix, "")
	if backedUp() {
		t.Error("an empty mark counts")
	}
	if err := r.MarkBackedUp("blog"); err != nil || !backedUp() {
		t.Errorf("not backed up: %v", err)
	}
	if err := r.Remove("blog"); err != nil {
		t.Fatal(err)
	}
	if files := r.Files("blog"); len(files) != 1 {
		t.Errorf("%v is left", files)
	}
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "blog.key")
	if err := WriteFile(path, secretOf(t, seed)); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, secretOf(t, strings.Repeat("11", 32))); engine.KindOf(err) != engine.Conflict {
		t.Errorf("written over: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != seed+"\n" {
		t.Errorf("it has %q, %v", b, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v is there, %v", entries, err)
	}
	err := WriteFile(filepath.Join(dir, "none", "blog.key"), secretOf(t, seed))
	if engine.KindOf(err) != engine.Unavailable {
		t.Errorf("into a folder that is not there: %v", err)
	}
}

// Some file systems, like that of memory sticks, have no links.
func TestWithoutLinks(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	r.link = func(from, to string) error { return &os.LinkError{Op: "link", Old: from, New: to, Err: syscall.EPERM} }
	if err := r.Import("blog", secretOf(t, seed)); err != nil {
		t.Fatal(err)
	}
	if k, err := r.Find("blog"); err != nil || k.Host != host {
		t.Errorf("%+v, %v", k, err)
	}
	if _, err := r.Create("blog"); engine.KindOf(err) != engine.Conflict {
		t.Errorf("made again: %v", err)
	}
	if entries, err := os.ReadDir(r.dir); err != nil || len(entries) != 1 {
		t.Errorf("%v is there, %v", entries, err)
	}
	if info, err := os.Stat(r.path("blog", seedSuffix)); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
