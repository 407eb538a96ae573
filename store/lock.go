package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	// lockWait is how long Open waits for another process to let go of the database, which may just be quitting.
	lockWait = 800 * time.Millisecond
	// boltWait is how long it then waits for bbolt's own lock, which only a foreign tool can hold.
	boltWait = 150 * time.Millisecond
)

// acquire makes the folder and takes the lock. It is a file of its own, and not bbolt's lock on the database, because
// the database is checked and may be replaced before bbolt opens it. The system releases it with the process, however
// that ends, so a stale lock cannot exist; the file stays.
func acquire(path string) (*flock.Flock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDWR))
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	_, err := lock.TryLockContext(ctx, 20*time.Millisecond)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, conflict("open", path)
	}
	if err != nil {
		return nil, err
	}
	return lock, nil
}
