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

// DB is an open database. Its methods are safe for concurrent use. Their errors are *engine.Error values.
type DB struct {
	*file

	pieces completion
	// dataVerified reports whether data on disk can be trusted. Only then does Close mark a clean exit.
	dataVerified atomic.Bool

	closing  sync.Once
	closeErr error // what Close returned
}

// file is the database's file, which no other process uses. Everything is read and written through it.
type file struct {
	path string
	log  *slog.Logger
	lock *flock.Flock
	bolt *bolt.DB

	writing sync.Mutex
	broken  atomic.Bool
}

// opening is one call of Open.
type opening struct {
	*file

	schema schema
	report Report
}

// Report describes what Open found and did.
type Report struct {
	// New reports whether an empty database was created, because there was none or it was damaged. Whether there ever was
	// one can be seen from the sites' folders.
	New bool
	// Unclean reports whether data on disk must be verified: the last run did not Close, or neither it nor an earlier run
	// since has called MarkDataVerified. It is false if New is true: no piece is recorded as complete then.
	Unclean bool
	// MovedAside is the path to which a damaged database was moved; empty if none was.
	MovedAside string
}

// Open opens the database at path, and creates it and its folder if they are missing. It verifies the whole file first.
// If the file is damaged, Open moves it aside and creates an empty one; if its schema is older, Open migrates it.
// Errors have Kind Conflict (another process uses it, it is not ours, or it has a newer schema) or Unavailable (the
// folder cannot be written). The file is unchanged then.
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
		return nil, Report{}, wrapError("open", path, err)
	}
	return db, o.report, nil
}

// run carries out the steps of Open. The caller must call release if it fails.
func (o *opening) run() (db *DB, err error) {
	if o.lock, err = acquireLock(o.path); err != nil {
		return nil, err
	}
	found, err := o.prepareFile()
	if err != nil {
		return nil, err
	}
	o.report.Unclean = !found.Clean
	db = &DB{file: o.file}
	db.dataVerified.Store(found.Clean)
	return db, o.catchPanic(func() error {
		if o.bolt, err = bolt.Open(o.path, 0o600, &bolt.Options{Timeout: boltWait, NoStatistics: true}); err != nil {
			return err
		}
		if err := o.migrate(found.Schema); err != nil {
			return err
		}
		if err := o.transact(func(t *Tx) error { t.state.Clean = false; return nil }); err != nil {
			return err
		}
		return o.bolt.View(db.pieces.loadAll)
	})
}

// prepareFile makes sure that there is an undamaged database at the path, of this schema or an older one.
func (o *opening) prepareFile() (state, error) {
	found, err := verifyFile(o.path, o.schema.version)
	missing, damaged := errors.Is(err, fs.ErrNotExist), errors.Is(err, errDamaged)
	if !missing && !damaged {
		if err == nil {
			err = os.Chmod(o.path, 0o600)
		}
		return found, err
	}
	reason := err
	found, o.report.MovedAside, err = o.createEmpty(missing)
	if damaged && err == nil {
		o.log.Error("store: the database was damaged and moved aside", "to", o.report.MovedAside, "reason", reason)
	}
	o.report.New = true
	return found, err
}

// release closes everything that was opened.
func (f *file) release() {
	if f.bolt != nil {
		_ = f.catchPanic(f.bolt.Close) // The fault has been reported already.
	}
	if f.lock != nil {
		_ = f.lock.Close() // The system releases it in any case.
	}
}

// MarkDataVerified records that all data on disk has been verified after an unclean exit. Until then Close does not
// mark a clean exit: the next run must verify the data if this one was too short for it.
func (db *DB) MarkDataVerified() { db.dataVerified.Store(true) }

// Close marks a clean exit and closes the database. Further calls return the same error.
func (db *DB) Close() error {
	db.closing.Do(func() { db.closeErr = db.close() })
	return db.closeErr
}

func (db *DB) close() error {
	err := db.update("close", func(t *Tx) error { t.state.Clean = db.dataVerified.Load(); return nil })
	if e := db.wrapError("close", db.catchPanic(db.bolt.Close)); err == nil {
		err = e
	}
	if e := db.wrapError("close", db.lock.Close()); err == nil {
		err = e
	}
	return err
}
