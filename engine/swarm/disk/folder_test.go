package disk

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const torrentName = "0102030000000000000000000000000000000000"

func putFile(t *testing.T, path, content string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(content), 0o600))
}

func skipWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("links take rights")
	}
}

// folderTest is a folder in the store and what is read of it.
type folderTest struct {
	name  string
	files map[string]string
	links map[string]string
	dirs  []string
	want  Folder // Err is any when wrong is not empty
	wrong string
}

// write makes the folder.
func (test folderTest) write(t *testing.T, dir string) {
	t.Helper()
	for file, content := range test.files {
		putFile(t, filepath.Join(dir, file), content)
	}
	for _, d := range test.dirs {
		must(t, os.MkdirAll(filepath.Join(dir, d), 0o700))
	}
	for link, to := range test.links {
		skipWindows(t)
		must(t, os.Symlink(to, filepath.Join(dir, link)))
	}
}

func TestReadFolders(t *testing.T) {
	big := strings.Repeat("x", maxStateSize+1)
	for _, test := range []folderTest{
		{name: "nothing", dirs: []string{"."}},
		{
			name: "all", files: map[string]string{"site.json": "s", "site.torrent": "t", "0": "d"},
			want: Folder{State: []byte("s"), Torrent: []byte("t"), Data: true},
		},
		{name: "state alone", files: map[string]string{"site.json": ""}, want: Folder{State: []byte{}}},
		{name: "data alone", files: map[string]string{"12": "d"}, want: Folder{Data: true}},
		{
			name: "as large as may be", files: map[string]string{"site.json": big[1:]},
			want: Folder{State: []byte(big[1:])},
		},
		{
			name: "too large", files: map[string]string{"site.json": big, "site.torrent": "t"},
			want: Folder{Torrent: []byte("t")}, wrong: "larger than 16 MiB",
		},
		{
			name: "foreign", dirs: []string{"7"},
			files: map[string]string{
				"01": "", "-1": "", "1.txt": "", "site.json.bak": "", "site.json.writing": "", "copy-7": "",
			},
		},
		{
			name: "a link for a state file", files: map[string]string{"other": "secret", "0": ""},
			links: map[string]string{"site.json": "other"}, want: Folder{Data: true}, wrong: "is not a file",
		},
		{name: "a link for data", files: map[string]string{"other": "secret"}, links: map[string]string{"0": "other"}},
		{
			name: "a folder for a state file", dirs: []string{"site.torrent"}, files: map[string]string{"site.json": "s"},
			want: Folder{State: []byte("s")}, wrong: "is not a file",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStore(t, t.TempDir())
			for _, name := range []string{torrentName, "host-example-org"} {
				test.write(t, filepath.Join(s.opts.Dir, name))
			}
			folders, err := s.ReadFolders()
			if err != nil || len(folders) != 2 {
				t.Fatal(len(folders), err)
			}
			for i, got := range folders {
				want := test.want
				want.Name = []string{torrentName, "host-example-org"}[i]
				checkFolder(t, got, want, test.wrong)
			}
		})
	}
}

func checkFolder(t *testing.T, got, want Folder, wrong string) {
	t.Helper()
	if (got.Err != nil) != (wrong != "") || got.Err != nil && !strings.Contains(got.Err.Error(), wrong) {
		t.Errorf("error %v, want %q", got.Err, wrong)
	}
	got.Err = nil
	if fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
		t.Errorf("%.200s, want %.200s", fmt.Sprint(got), fmt.Sprint(want))
	}
}

// Files and folders with other names are ignored, and links are not followed.
func TestReadFoldersByName(t *testing.T) {
	skipWindows(t)
	s := newStore(t, t.TempDir())
	elsewhere := t.TempDir()
	putFile(t, filepath.Join(elsewhere, "site.json"), "secret")
	for name, ours := range map[string]bool{
		torrentName: true, "AB" + torrentName[2:]: false, torrentName[1:]: false, torrentName + "0": false,
		"host-a": true, "host-a--b_c-org": true,
		"host-": false, "host-A": false, "host-a.org": false, "host-" + strings.Repeat("a", 64): false,
		"deleted-" + torrentName: false, "deleted-host-a": false, "replaced-" + torrentName: false,
		"incoming-1": false, "photos": false,
	} {
		must(t, os.Mkdir(filepath.Join(s.opts.Dir, name), 0o700))
		if isFolderName(name) != ours {
			t.Errorf("%s is ours: %v", name, !ours)
		}
	}
	must(t, os.Symlink(elsewhere, filepath.Join(s.opts.Dir, "host-link")))
	putFile(t, filepath.Join(s.opts.Dir, "host-file"), "")
	folders, err := s.ReadFolders()
	must(t, err)
	var names []string
	for _, f := range folders {
		names = append(names, f.Name)
		if link := f.Name == "host-link" || f.Name == "host-file"; (f.Err != nil) != link || f.State != nil {
			t.Errorf("%+v", f)
		}
	}
	want := []string{torrentName, "host-a", "host-a--b_c-org", "host-file", "host-link"}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	if h, err := s.Folders(); err != nil || len(h) != 1 || h[0] != hash {
		t.Errorf("%v, %v", h, err)
	}
}

func TestWriteFolders(t *testing.T) {
	for _, test := range []struct {
		name   string
		before map[string]string
		write  Folder
		after  map[string]string
	}{
		{
			"a new folder", nil,
			Folder{State: []byte("s"), Torrent: []byte("t")},
			map[string]string{"site.json": "s", "site.torrent": "t"},
		},
		{
			"one of two",
			map[string]string{"site.json": "old", "site.torrent": "t", "0": "d"},
			Folder{State: []byte("new")},
			map[string]string{"site.json": "new", "site.torrent": "t", "0": "d"},
		},
		{
			"what a kill has left",
			map[string]string{"site.json": "old", "site.json.writing": "much longer"},
			Folder{State: []byte("new")},
			map[string]string{"site.json": "new"},
		},
		{"empty", map[string]string{"site.json": "old"}, Folder{State: []byte{}}, map[string]string{"site.json": ""}},
		{"nothing", nil, Folder{}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStore(t, t.TempDir())
			var folders []Folder
			for i := range 2 * maxSingleFlushes { // one by one, and together
				test.write.Name = fmt.Sprintf("%s%d", HostPrefix, i)
				folders = append(folders, test.write)
				for name, content := range test.before {
					putFile(t, filepath.Join(s.opts.Dir, test.write.Name, name), content)
				}
			}
			must(t, s.WriteFolders(folders[:1]))
			must(t, s.WriteFolders(folders[1:]))
			for _, f := range folders {
				if got := contents(t, filepath.Join(s.opts.Dir, f.Name)); !maps.Equal(got, test.after) {
					t.Fatalf("%s has %q, want %q", f.Name, got, test.after)
				}
			}
		})
	}
}

// contents returns the files of a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		must(t, err)
		found[e.Name()] = string(b)
	}
	return found
}

// One folder that cannot be written does not prevent others from being written, and no link is followed or replaced.
func TestWriteFoldersThatAreNotOurs(t *testing.T) {
	skipWindows(t)
	elsewhere := t.TempDir()
	putFile(t, filepath.Join(elsewhere, "site.json"), "theirs")
	for name, put := range map[string]func(dir string) error{
		"a link for the folder": func(dir string) error { return os.Symlink(elsewhere, dir) },
		"a file for the folder": func(dir string) error { return os.WriteFile(dir, nil, 0o600) },
		"a link for the file": func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o700), os.Symlink(elsewhere+"/site.json", dir+"/site.json"))
		},
		"a link for the new file": func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o700), os.Symlink(elsewhere+"/site.json", dir+"/site.json.writing"))
		},
		"a folder for the file":     func(dir string) error { return os.MkdirAll(dir+"/site.json", 0o700) },
		"a folder for the new file": func(dir string) error { return os.MkdirAll(dir+"/site.json.writing/x", 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, t.TempDir())
			must(t, put(filepath.Join(s.opts.Dir, "host-bad")))
			err := s.WriteFolders([]Folder{
				{Name: "host-a", State: []byte("a")},
				{Name: "host-bad", State: []byte("b")},
				{Name: "../up", State: []byte("u")},
				{Name: "host-large", State: bytes.Repeat([]byte("x"), maxStateSize+1)},
				{Name: "host-c", State: []byte("c")},
			})
			if err == nil || !strings.Contains(err.Error(), "more that failed") {
				t.Errorf("error %v", err)
			}
			for _, name := range []string{"a", "c"} {
				if got := contents(t, filepath.Join(s.opts.Dir, "host-"+name)); got["site.json"] != name {
					t.Errorf("%s has %q", name, got)
				}
			}
			if _, err := os.Lstat(filepath.Join(s.opts.Dir, "host-large")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("an empty folder is left: %v", err)
			}
			if got := contents(t, elsewhere); got["site.json"] != "theirs" {
				t.Errorf("a link was followed: %q", got)
			}
		})
	}
}

// failingStore returns a store whose flushes return the errors of fails.
func failingStore(t *testing.T, fails func() error) *Store {
	t.Helper()
	s, err := New(Options{
		Dir: t.TempDir(), Completion: &memory{},
		Flush: func(_ *os.File, _ bool, flush func() error) error { return cmp.Or(fails(), flush()) },
	})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// On a full disk the old files stay, no partial ones are left, and the next write succeeds once there is room.
func TestWriteFoldersOnAFullDisk(t *testing.T) {
	full := false
	s := failingStore(t, func() error {
		if full {
			return syscall.ENOSPC
		}
		return nil
	})
	must(t, s.WriteFolders([]Folder{{Name: torrentName, State: []byte("old")}}))
	var folders []Folder
	for i := range 2 * maxSingleFlushes {
		folders = append(folders, Folder{Name: fmt.Sprintf("%s%d", HostPrefix, i), State: []byte("new")})
	}
	folders = append(folders, Folder{Name: torrentName, State: []byte("new"), Torrent: []byte("new")})
	for _, many := range []bool{false, true} {
		full = true
		write := folders
		if !many {
			write = folders[2*maxSingleFlushes:]
		}
		if err := s.WriteFolders(write); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("error %v", err)
		}
		if got := contents(t, s.folders.path(hash)); !maps.Equal(got, map[string]string{"site.json": "old"}) {
			t.Errorf("there is %q", got)
		}
	}
	if all := namesIn(t, s.opts.Dir); len(all) != 2 {
		t.Errorf("left: %q", all)
	}
	full = false
	must(t, s.WriteFolders(folders))
	if got, err := s.ReadFolders(); err != nil || len(got) != len(folders) {
		t.Errorf("%d folders, %v", len(got), err)
	}
}

// Many folders are flushed by two flushes of the file system, and few by one of each file and folder.
func TestWriteFoldersFlushes(t *testing.T) {
	f := &flushes{}
	s := storeWith(t, &memory{}, f)
	var folders []Folder
	for i := range maxSingleFlushes + 1 {
		folders = append(folders, Folder{Name: fmt.Sprintf("%s%d", HostPrefix, i), State: []byte("s")})
	}
	f.takeNames()
	must(t, s.WriteFolders(folders))
	if got := f.takeNames(); s.syncer.volume != nil && !slices.Equal(got, []string{"*", "*"}) {
		t.Errorf("flushed %v", got)
	}
	must(t, s.WriteFolders(folders[:1]))
	if got := f.takeNames(); !slices.Equal(got, []string{"site.json.writing", filepath.Base(s.opts.Dir), "host-0"}) {
		t.Errorf("flushed %v", got)
	}
}

func BenchmarkWriteThousandFolders(b *testing.B) {
	s, err := New(Options{Dir: b.TempDir(), Completion: &memory{}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var folders []Folder
	for i := range 1000 {
		f := Folder{Name: fmt.Sprintf("%s%d", HostPrefix, i), State: make([]byte, 1000), Torrent: make([]byte, 10_000)}
		folders = append(folders, f)
	}
	for b.Loop() {
		if err := s.WriteFolders(folders); err != nil {
			b.Fatal(err)
		}
	}
}
