package store

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	bolt "go.etcd.io/bbolt"
)

// DB is the open database. Its methods may be called from many goroutines; their errors are *engine.Error values.
type DB struct {
	path   string
	log    *slog.Logger
	bolt   *bolt.DB
	lock   *flock.Flock
	schema schema

	writing sync.Mutex
	broken  atomic.Bool
	// verified says that data on disk can be trusted: Close marks a clean exit then.
	verified atomic.Bool

	pieces completion

	backup struct {
		sync.Mutex
		known  bool   // whether digest says anything
		digest digest // of the records in the good copy
	}
	background sync.WaitGroup
	closing    sync.Once
	closed     error // what Close returned
}

// Report says what Open found and did.
type Report struct {
	// First says that there was no database before, damaged or not.
	First bool
	// Unclean says that data on disk must be verified: the last run did not Close, or a copy was restored, or neither this
	// nor an earlier run since has come to DataVerified.
	Unclean bool
	// Restored is the path of the file that a damaged database was moved to; empty when it was whole or missing.
	Restored string
	// RestoredFrom is when the good copy that took its place was made; zero when there was none, and the database
	// starts empty. It is also set when the database was missing but its copy was there.
	RestoredFrom time.Time
}

// Open opens the database at path, making it and its folder when they are missing. It verifies the whole file first,
// restores the last good copy when it is damaged, and migrates it when it is of an older schema. Errors are of Kind
// Conflict (another process has it, it is not ours, or it is of a newer schema) or Unavailable (the folder cannot be
// written); the file is then as it was.
func Open(path string, log *slog.Logger) (*DB, Report, error) {
	return open(path, log, current)
}

func open(path string, log *slog.Logger, s schema) (*DB, Report, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	db := &DB{path: path, log: log, schema: s}
	report, err := db.open()
	if err != nil {
		db.release()
		return nil, Report{}, fail("open", path, err)
	}
	db.background.Go(db.refresh)
	return db, report, nil
}

// open does the steps of Open; what it has opened is left to release.
func (db *DB) open() (report Report, err error) {
	if db.lock, err = acquire(db.path); err != nil {
		return report, err
	}
	img, err := db.prepare(&report)
	if err != nil {
		return report, err
	}
	report.Unclean = report.Unclean || !img.state.Clean
	db.verified.Store(!report.Unclean)
	return report, db.guard(func() error {
		if db.bolt, err = bolt.Open(db.path, 0o600, &bolt.Options{Timeout: boltWait, NoStatistics: true}); err != nil {
			return err
		}
		if err := db.migrate(img.state.Schema); err != nil {
			return err
		}
		if err := db.transact(func(t *Tx) error { t.state.Clean = false; return nil }); err != nil {
			return err
		}
		return db.bolt.View(db.pieces.load)
	})
}

// prepare sees to it that there is a whole database at the path, of this schema or an older one.
func (db *DB) prepare(report *Report) (image, error) {
	img, err := inspect(db.path, db.schema.version)
	missing := errors.Is(err, fs.ErrNotExist)
	if !missing && !errors.Is(err, errDamaged) {
		if err == nil {
			err = os.Chmod(db.path, 0o600)
		}
		return img, err
	}
	if !missing {
		db.log.Error("store: the database is damaged", "path", db.path, "reason", err)
	}
	return db.replace(report, missing)
}

// release lets go of everything that open took.
func (db *DB) release() {
	if db.bolt != nil {
		_ = db.guard(db.bolt.Close) // Whatever is wrong has been reported already.
	}
	if db.lock != nil {
		_ = db.lock.Close() // The system releases it in any case.
	}
}

// DataVerified says that all data on disk has been verified after an unclean exit. Until then Close marks no clean exit: a
// run that was too short must not make the next one trust what nobody has looked at.
func (db *DB) DataVerified() { db.verified.Store(true) }

// Close writes a last good copy, marks a clean exit and lets go of the database. Further calls return the same.
func (db *DB) Close() error {
	db.closing.Do(func() { db.closed = db.close() })
	return db.closed
}

func (db *DB) close() error {
	db.background.Wait()
	if err := db.Backup(); err != nil {
		db.log.Warn("store: no copy of the database was made", "error", err)
	}
	err := db.update("close", func(t *Tx) error { t.state.Clean = db.verified.Load(); return nil })
	if e := db.fail("close", db.guard(db.bolt.Close)); err == nil {
		err = e
	}
	if e := db.fail("close", db.lock.Close()); err == nil {
		err = e
	}
	return err
}
