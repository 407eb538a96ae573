//go:build unix

package store

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/engine"
)

// TestDiskFull fills a small disk of its own, which takes Linux and the right to mount one.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	const script = `mount -t tmpfs -o size=2m,mode=0700 none "$1" && exec "$2"`
	inside := exec.Command("unshare", "--mount", "sh", "-c", script, "sh", dir, os.Args[0])
	inside.Env = child(filepath.Join(dir, "wtptui.db"), "fill").Env
	out, err := inside.Output()
	if len(out) == 0 {
		t.Skipf("a disk to fill cannot be mounted here: %v", err)
	}
	must(t, err)
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		t.Log(line)
		if !strings.HasPrefix(line, "ok ") {
			t.Error("this should not have happened")
		}
	}
}

// childFill writes until the disk is full, and tells whether everything acknowledged is there and goes on when there
// is room again.
func childFill(path string) {
	defer os.Exit(0)
	check := func(what string, ok bool, got any) {
		if ok {
			what = "ok " + what
		}
		fmt.Println(what+":", got)
	}
	ballast := filepath.Join(filepath.Dir(path), "ballast")
	check("ballast", os.WriteFile(ballast, make([]byte, 1<<20), 0o600) == nil, "")
	db, _, err := Open(path, nil)
	check("open", err == nil, err)
	kept := 0
	for err == nil {
		if err = db.PutInfo(hash(kept), bytes.Repeat([]byte{1}, 10_000)); err == nil {
			kept++
		}
	}
	check("full", engine.KindOf(err) == engine.Unavailable && strings.Contains(engine.Message(err), "full"), err)
	err = copyFile(path, path+".copy")
	check("no room for a copy", engine.KindOf(db.wrapError("migrate", err)) == engine.Unavailable, err)
	_, err = os.Stat(path + ".copy")
	check("no half of a copy", os.IsNotExist(err), err)

	check("room", os.Remove(ballast) == nil, "")
	err = db.PutInfo(hash(kept), []byte("x"))
	check("goes on", err == nil, err)
	err = db.Close()
	check("close", err == nil, err)
	db, report, err := Open(path, nil)
	check("reopen", err == nil && report == Report{}, fmt.Sprint(report, err))
	torrents, err := db.Torrents()
	check("kept", err == nil && len(torrents) == kept+1, len(torrents))
}
