//go:build !windows

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/store"
)

// Files that root creates in the data folder of another user, as for a system service, belong to that user.
func TestFilesOfRootGetTheFolderOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to have a folder of somebody else")
	}
	dir := t.TempDir()
	const somebody = 65532
	if err := os.Chown(dir, somebody, somebody); err != nil {
		t.Fatal(err)
	}
	p := listVerb{client: newClient(environment{}, &settings{DataDir: dir})}
	if err := p.writeOrder(pinlist.Order{Source: "/lists/a.txt", At: time.Unix(1, 0)}); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(filepath.Join(dir, "config.toml"), []byte("# nothing\n"), false); err != nil {
		t.Fatal(err)
	}
	host := strings.Repeat("1", 40)
	from := newArchive(t, store.Site{Host: host, Infohash: host, Pinned: true})
	followListWithPins(t, from.dir, "/lists/b.txt", host)
	to := newArchive(t)
	to.dir = dir
	if _, err := to.restore(t.Context(), backupOf(t, from), false); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		seen++
		if owner, ok := info.Sys().(*syscall.Stat_t); !ok || owner.Uid != somebody || owner.Gid != somebody {
			t.Errorf("%s belongs to %+v", path, info.Sys())
		}
		return nil
	})
	if err != nil || seen != 6 {
		t.Errorf("%d files and folders, want 6: %v", seen, err)
	}
}
