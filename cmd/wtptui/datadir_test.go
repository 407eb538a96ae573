package main

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"
)

func take(t *testing.T, dir string) *dataFolder {
	t.Helper()
	folder, err := takeDataFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(folder.release)
	return folder
}

func TestIsTaken(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if isTaken(dir) {
		t.Error("a folder that is not there is taken")
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("looking made the folder: %v", err)
	}
	folder := take(t, dir)
	if !isTaken(dir) {
		t.Error("a folder that is taken is not")
	}
	folder.release()
	if isTaken(dir) {
		t.Error("a folder that was let go of is taken")
	}
}

// Looking at a folder takes a lock for a moment, and must at no time keep a program from starting on it.
func TestLookingKeepsNobodyFromStarting(t *testing.T) {
	dir := t.TempDir()
	stop := make(chan struct{})
	var looking sync.WaitGroup
	for range 2 {
		looking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					isTaken(dir)
				}
			}
		})
	}
	defer looking.Wait()
	defer close(stop)
	for range 100 {
		folder, err := takeDataFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		folder.release()
	}
}

// A start waits for those who only look, and does not for one who keeps sites in the folder.
func TestStartWaitsForLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		name := filepath.Join(dir, lockName)
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		look := flock.New(name)
		if ok, err := look.TryRLock(); !ok || err != nil {
			t.Fatal(ok, err)
		}
		const moment = 100 * time.Millisecond
		time.AfterFunc(moment, func() { _ = look.Unlock() })
		begun := time.Now()
		take(t, dir)
		if took := time.Since(begun); took < moment || took > moment+lockPause {
			t.Errorf("the start took %v, want %v", took, moment)
		}

		begun = time.Now()
		if _, err := takeDataFolder(dir); !errors.Is(err, errInUse) {
			t.Errorf("the second start: %v", err)
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("the second start took %v", took)
		}
	})
}
