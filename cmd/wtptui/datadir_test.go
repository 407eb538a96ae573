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

// lockFolder locks a data folder until the test ends.
func lockFolder(t *testing.T, dir string) *dataFolder {
	t.Helper()
	folder, err := lockDataFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(folder.release)
	return folder
}

func TestIsInUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if isInUse(dir) {
		t.Error("a folder that is not there is taken")
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("looking made the folder: %v", err)
	}
	folder := lockFolder(t, dir)
	if !isInUse(dir) {
		t.Error("a folder that is taken is not")
	}
	folder.release()
	if isInUse(dir) {
		t.Error("a folder that was let go of is taken")
	}
}

// A check holds a lock for a moment. It must never prevent a program from starting.
func TestCheckingDoesNotPreventStart(t *testing.T) {
	dir := t.TempDir()
	stop := make(chan struct{})
	var checkers sync.WaitGroup
	for range 2 {
		checkers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					isInUse(dir)
				}
			}
		})
	}
	defer checkers.Wait()
	defer close(stop)
	for range 100 {
		folder, err := lockDataFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		folder.release()
	}
}

// A start waits for shared locks, which checks hold, and fails at once for an exclusive one.
func TestStartWaitsForSharedLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		name := filepath.Join(dir, lockName)
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		sharedLock := flock.New(name)
		if ok, err := sharedLock.TryRLock(); !ok || err != nil {
			t.Fatal(ok, err)
		}
		const held = 100 * time.Millisecond
		time.AfterFunc(held, func() { _ = sharedLock.Unlock() })
		start := time.Now()
		lockFolder(t, dir)
		if elapsed := time.Since(start); elapsed < held || elapsed > held+lockRetryDelay {
			t.Errorf("the start took %v, want %v", elapsed, held)
		}

		start = time.Now()
		if _, err := lockDataFolder(dir); !errors.Is(err, errInUse) {
			t.Errorf("the second start: %v", err)
		}
		if elapsed := time.Since(start); elapsed != 0 {
			t.Errorf("the second start took %v", elapsed)
		}
	})
}
