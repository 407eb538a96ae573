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
	// lockWait is how long Open waits for another process to release the lock, which may just be exiting.
	lockWait = 800 * time.Millisecond
	// boltWait is how long Open then waits for bbolt's own lock, which only a foreign tool can hold.
	boltWait = 150 * time.Millisecond
)

// acquireLock creates the folder and locks path.lock. bbolt's lock on the database is not enough, because the database
// is verified and may be replaced before bbolt opens it. The system releases the lock when the process ends, however
// that happens. The file stays.
func acquireLock(path string) (*flock.Flock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDWR))
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	_, err := lock.TryLockContext(ctx, 20*time.Millisecond)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, inUseError("open", path)
	}
	if err != nil {
		return nil, err
	}
	return lock, nil
}
