package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// asNobody runs f as a user without the rights of root, which may read everything.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() == 0 {
		const nobody = 65534
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		must(t, unix.Setfsuid(nobody))
		defer func() { must(t, unix.Setfsuid(0)) }()
	}
	f()
}

// publicDir is a data folder in which the user nobody may do everything.
func publicDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	must(t, os.Chmod(dir, 0o777))
	return dir
}

// Readable files are read, and the error of each other file is reported.
func TestReadFoldersWithoutRights(t *testing.T) {
	for name, test := range map[string]struct {
		folder, file fs.FileMode
		want         Folder
		wrong        string
	}{
		"none":                 {0, 0o444, Folder{}, "permission denied"},
		"to find names":        {0o111, 0o444, Folder{State: []byte("s"), Torrent: []byte("t")}, "permission denied"},
		"to list them":         {0o444, 0o444, Folder{Data: true}, "permission denied"},
		"none to a state file": {0o555, 0, Folder{Torrent: []byte("t"), Data: true}, "site.json: permission denied"},
		"all":                  {0o555, 0o444, Folder{State: []byte("s"), Torrent: []byte("t"), Data: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, publicDir(t))
			dir := s.folders.path(hash)
			for file, content := range map[string]string{"site.json": "s", "site.torrent": "t", "0": "d"} {
				putFile(t, filepath.Join(dir, file), content)
				must(t, os.Chmod(filepath.Join(dir, file), 0o444))
			}
			must(t, os.Chmod(filepath.Join(dir, "site.json"), test.file))
			must(t, os.Chmod(dir, test.folder))
			var folders []Folder
			var err error
			asNobody(t, func() { folders, err = s.ReadFolders() })
			if err != nil || len(folders) != 1 {
				t.Fatal(folders, err)
			}
			test.want.Name = torrentName
			checkFolder(t, folders[0], test.want, test.wrong)
			if test.wrong != "" && !errors.Is(folders[0].Err, fs.ErrPermission) {
				t.Errorf("error %v", folders[0].Err)
			}
			must(t, os.Chmod(dir, 0o700))
		})
	}
}

// An unreadable folder that is deleted is not listed any more, and the log names the place where its files remain.
func TestDeleteWithoutRights(t *testing.T) {
	dir := publicDir(t)
	s, log := loggedStore(t, dir)
	defer s.Close()
	putFile(t, filepath.Join(s.folders.path(hash), "0"), "d")
	must(t, os.Chmod(s.folders.path(hash), 0))
	var err error
	asNobody(t, func() { err = s.Delete(hash) })
	must(t, err)
	deleted := filepath.Join(dir, "deleted-"+torrentName)
	if h, err := s.Folders(); err != nil || len(h) != 0 {
		t.Errorf("%v, %v", h, err)
	}
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), deleted) {
		t.Errorf("logged: %s", log)
	}
	must(t, os.Chmod(deleted, 0o700))
	if got := contents(t, deleted); len(got) != 1 {
		t.Errorf("there is %q", got)
	}
}

// An unreadable identity is not replaced, and no state file is written under another one.
func TestIdentityWithoutRights(t *testing.T) {
	dir := publicDir(t)
	id := newStore(t, dir).Identity()
	must(t, os.Chmod(filepath.Join(dir, "identity"), 0))
	asNobody(t, func() {
		s := newStore(t, dir)
		if err := s.WriteFolders([]Folder{{Name: torrentName, State: []byte("s")}}); err == nil || s.Identity() == id {
			t.Errorf("error %v, identity %s", err, s.Identity())
		}
	})
	must(t, os.Chmod(filepath.Join(dir, "identity"), 0o600))
	if again := newStore(t, dir).Identity(); again != id {
		t.Errorf("%s and then %s", id, again)
	}
}
