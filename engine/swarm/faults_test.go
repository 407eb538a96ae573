package swarm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wtptui/engine"
)

func TestDiskNearlyFull(t *testing.T) {
	s := newSite(t, 16<<10, 200_000)
	author := start(t, config(t))
	publish(t, author, s)
	var free, looks atomic.Int64
	free.Store(99)
	cfg := config(t)
	cfg.MinFree = 1000
	c, err := newClient(cfg, hooks{guardInterval: 10 * time.Millisecond, free: func(string) (int64, error) {
		n := free.Load()
		looks.Add(1)
		return n, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, want := c.Status().Disk, (engine.Disk{Free: 99, Needed: 1000}); got != want {
		t.Errorf("the disk is %+v, want %+v", got, want)
	}
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	connect(tor, author)
	fault := tor.Stats().Fault
	if engine.KindOf(fault) != engine.Unavailable || !strings.Contains(engine.Message(fault), "99 B of disk space") ||
		len(c.Status().Warnings) != 1 || !IsFull(fault) {
		t.Errorf("fault %v, warnings %v", fault, c.Status().Warnings)
	}
	r, err := tor.Open(context.Background(), 0, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Read(make([]byte, 1)); engine.KindOf(err) != engine.Unavailable ||
		!strings.Contains(engine.Message(err), "disk space") {
		t.Errorf("a read gave %v", err)
	}
	free.Store(1001)
	seen := looks.Load()
	// The third follows what the second led to.
	eventually(t, "the new space is looked at", func() bool { return looks.Load() >= seen+3 })
	if tor.Stats().Fault == nil {
		t.Error("downloads go on as soon as a byte is free")
	}
	free.Store(5000)
	eventually(t, "it goes on", func() bool { return complete(tor) })
	if st := tor.Stats(); st.Fault != nil || len(c.Status().Warnings) != 0 {
		t.Errorf("after it went on: %+v, %v", st, c.Status().Warnings)
	}
	free.Store(99)
	eventually(t, "the warning is back", func() bool { return len(c.Status().Warnings) == 1 })
	if st := tor.Stats(); st.Fault != nil {
		t.Errorf("a complete torrent has a fault: %v", st.Fault)
	}
	same(t, tor, s)
}

// A torrent whose folder cannot be opened or written reports that, and resumes by itself, whether its info dictionary
// was known or came from a peer.
func TestUnusableFolder(t *testing.T) {
	s := newSite(t, 16<<10, 200_000)
	author := start(t, config(t))
	publish(t, author, s)
	// Root may do anything, so a file stands where the folder should be, or a folder where the file should be.
	for name, obstacle := range map[string]func(folder string) error{
		"cannot be opened": func(folder string) error { return os.WriteFile(folder, nil, 0o600) },
		"cannot be written to": func(folder string) error {
			return os.MkdirAll(filepath.Join(folder, "0"), 0o700)
		},
	} {
		for _, known := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, known %v", name, known), func(t *testing.T) {
				cfg := config(t)
				var broken atomic.Bool
				broken.Store(true)
				c, err := newClient(cfg, hooks{guardInterval: 10 * time.Millisecond, probe: func(string) error {
					if broken.Load() {
						return syscall.ENOTDIR
					}
					return nil
				}})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				folder := filepath.Join(cfg.Dir, s.hash)
				if err := obstacle(folder); err != nil {
					t.Fatal(err)
				}
				spec := Spec{Infohash: s.hash}
				if known {
					spec.Info = s.info
				}
				tor := add(t, c, spec)
				connect(tor, author)
				eventually(t, "the fault is shown", func() bool { return tor.Stats().Fault != nil })
				if err := tor.Stats().Fault; engine.KindOf(err) != engine.Unavailable ||
					!strings.Contains(engine.Message(err), "goes on by itself") {
					t.Errorf("fault %v", err)
				}
				if err := tor.Err(); err != nil {
					t.Errorf("it is given up: %v", err)
				}
				tor.SetPaused(true)
				tor.SetPaused(false)
				if err := os.RemoveAll(folder); err != nil {
					t.Fatal(err)
				}
				broken.Store(false)
				ready(t, tor)
				connect(tor, author)
				eventually(t, "it goes on", func() bool { return complete(tor) && tor.Stats().Fault == nil })
				same(t, tor, s)
			})
		}
	}
}

func TestDiskAdvice(t *testing.T) {
	for err, want := range map[error]string{
		syscall.ENOSPC: "full", syscall.EACCES: "writable", syscall.EROFS: "writable",
		syscall.EMFILE: "ulimit", errors.New("?"): "check the disk",
	} {
		if got := diskAdvice(err); !strings.Contains(got, want) {
			t.Errorf("%v: %q", err, got)
		}
	}
}
