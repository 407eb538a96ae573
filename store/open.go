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
	*file

	pieces completion
	// verified reports whether data on disk can be trusted: Close marks a clean exit then.
	verified atomic.Bool

	closing sync.Once
	closed  error // what Close returned
}

// file is the database's file, which is this process's alone. Everything that is read and written goes through it.
type file struct {
	path string
	log  *slog.Logger
	lock *flock.Flock
	bolt *bolt.DB

	writing sync.Mutex
	broken  atomic.Bool
}

// opening is one Open: the way from whatever lies at a path to a whole database of the schema.
type opening struct {
	*file

	schema schema
	report Report
}

// Report says what Open found and did.
type Report struct {
	// New reports whether an empty database was made: there was none, or a damaged one. Whether there ever was one is for
	// the sites' folders to tell.
	New bool
	// Unclean reports whether data on disk must be verified: the last run did not Close, or neither this nor an earlier
	// run since has come to MarkDataVerified. It is false when New is true: no piece is recorded as complete then.
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
	o := &opening{file: &file{path: path, log: log}, schema: s}
	db, err := o.run()
	if err != nil {
		o.release()
		return nil, Report{}, fail("open", path, err)
	}
	return db, o.report, nil
}

// run does the steps of Open; what it has opened is left to release.
func (o *opening) run() (db *DB, err error) {
	if o.lock, err = acquire(o.path); err != nil {
		return nil, err
	}
	found, err := o.prepare()
	if err != nil {
		return nil, err
	}
	o.report.Unclean = !found.Clean
	db = &DB{file: o.file}
	db.verified.Store(found.Clean)
	return db, o.guard(func() error {
		if o.bolt, err = bolt.Open(o.path, 0o600, &bolt.Options{Timeout: boltWait, NoStatistics: true}); err != nil {
			return err
		}
		if err := o.migrate(found.Schema); err != nil {
			return err
		}
		if err := o.transact(func(t *Tx) error { t.state.Clean = false; return nil }); err != nil {
			return err
		}
		return o.bolt.View(db.pieces.load)
	})
}

// prepare sees to it that there is a whole database at the path, of this schema or an older one.
func (o *opening) prepare() (state, error) {
	found, err := inspect(o.path, o.schema.version)
	missing, damaged := errors.Is(err, fs.ErrNotExist), errors.Is(err, errDamaged)
	if !missing && !damaged {
		if err == nil {
			err = os.Chmod(o.path, 0o600)
		}
		return found, err
	}
	reason := err
	found, o.report.MovedAside, err = o.renew(missing)
	if damaged && err == nil {
		o.log.Error("store: the database was damaged and moved aside", "to", o.report.MovedAside, "reason", reason)
	}
	o.report.New = true
	return found, err
}

// release lets go of everything that was opened.
func (f *file) release() {
	if f.bolt != nil {
		_ = f.guard(f.bolt.Close) // Whatever is wrong has been reported already.
	}
	if f.lock != nil {
		_ = f.lock.Close() // The system releases it in any case.
	}
}

// MarkDataVerified says that all data on disk has been verified after an unclean exit. Until then Close marks no clean
// exit: a run that was too short must not make the next one trust what nobody has looked at.
func (db *DB) MarkDataVerified() { db.verified.Store(true) }

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
