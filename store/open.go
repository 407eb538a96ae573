package store

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

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

	closing sync.Once
	closed  error // what Close returned
}

// Report says what Open found and did.
type Report struct {
	// New says that an empty database was made: there was none, or a damaged one. Whether there ever was one is for the
	// sites' folders to tell.
	New bool
	// Unclean says that data on disk must be verified: the last run did not Close, or neither this nor an earlier run
	// since has come to DataVerified. It is false when New is true: no piece is recorded as complete then.
	Unclean bool
	// MovedAside is the path that a damaged database was moved to; empty when it was whole or missing.
	MovedAside string
}

// Open opens the database at path, making it and its folder when they are missing. It verifies the whole file first,
// moves it aside and makes an empty one when it is damaged, and migrates it when it is of an older schema. Errors are
// of Kind Conflict (another process has it, it is not ours, or it is of a newer schema) or Unavailable (the folder
// cannot be written); the file is then as it was.
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
	return db, report, nil
}

// open does the steps of Open; what it has opened is left to release.
func (db *DB) open() (report Report, err error) {
	if db.lock, err = acquire(db.path); err != nil {
		return report, err
	}
	found, err := db.prepare(&report)
	if err != nil {
		return report, err
	}
	report.Unclean = !found.Clean
	db.verified.Store(!report.Unclean)
	return report, db.guard(func() error {
		if db.bolt, err = bolt.Open(db.path, 0o600, &bolt.Options{Timeout: boltWait, NoStatistics: true}); err != nil {
			return err
		}
		if err := db.migrate(found.Schema); err != nil {
			return err
		}
		if err := db.transact(func(t *Tx) error { t.state.Clean = false; return nil }); err != nil {
			return err
		}
		return db.bolt.View(db.pieces.load)
	})
}

// prepare sees to it that there is a whole database at the path, of this schema or an older one.
func (db *DB) prepare(report *Report) (state, error) {
	found, err := inspect(db.path, db.schema.version)
	missing, damaged := errors.Is(err, fs.ErrNotExist), errors.Is(err, errDamaged)
	if !missing && !damaged {
		if err == nil {
			err = os.Chmod(db.path, 0o600)
		}
		return found, err
	}
	reason := err
	found, report.MovedAside, err = db.renew(missing)
	if damaged && err == nil {
		db.log.Error("store: the database was damaged and moved aside", "to", report.MovedAside, "reason", reason)
	}
	report.New = true
	return found, err
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

// DataVerified says that all data on disk has been verified after an unclean exit. Until then Close marks no clean
// exit: a run that was too short must not make the next one trust what nobody has looked at.
func (db *DB) DataVerified() { db.verified.Store(true) }

// Close marks a clean exit and lets go of the database. Further calls return the same.
func (db *DB) Close() error {
	db.closing.Do(func() { db.closed = db.close() })
	return db.closed
}

func (db *DB) close() error {
	err := db.update("close", func(t *Tx) error { t.state.Clean = db.verified.Load(); return nil })
	if e := db.fail("close", db.guard(db.bolt.Close)); err == nil {
		err = e
	}
	if e := db.fail("close", db.lock.Close()); err == nil {
		err = e
	}
	return err
}
