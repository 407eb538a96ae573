package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

func (db *DB) backupPath() string { return db.path + ".backup" }

// replace puts the last good copy, or a new database when there is none, in the place of one that is missing or
// damaged. The new file is whole and on the disk before the old one is moved aside; a kill between the two leaves the
// path empty, and the next Open continues here.
func (db *DB) replace(report *Report, missing bool) (image, error) {
	img, err := inspect(db.backupPath(), db.schema.version)
	none := errors.Is(err, fs.ErrNotExist) || errors.Is(err, errDamaged)
	fresh := db.path + ".new"
	switch {
	case none:
		report.First = missing && errors.Is(err, fs.ErrNotExist)
		img = image{state: state{Schema: db.schema.version, Clean: true}}
		err = create(fresh, img.state)
	case err == nil:
		report.RestoredFrom = img.age
		err = copyFile(db.backupPath(), fresh)
	}
	if err != nil {
		return image{}, err
	}
	report.Unclean = !report.First
	if !missing {
		if report.Restored, err = moveAside(db.path); err != nil {
			return image{}, err
		}
		db.schema.at("moved aside")
	}
	if err := rename(fresh, db.path); err != nil {
		return image{}, err
	}
	if !report.First {
		db.log.Warn("store: the database was replaced", "damaged", report.Restored, "copy_from", report.RestoredFrom)
	}
	return img, nil
}

// create makes an empty database; one that is left over half-made is deleted.
func create(path string, s state) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	b, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: boltWait})
	if err != nil {
		return err
	}
	err = b.Update(func(tx *bolt.Tx) error { return writeState(tx, s) })
	return errors.Join(err, b.Close())
}

// moveAside renames a damaged file to a name that is not taken and tells that name.
func moveAside(path string) (string, error) {
	base := path + ".damaged-" + time.Now().UTC().Format("20060102-150405")
	aside := base
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			return aside, rename(path, aside)
		}
		aside = base + "-" + strconv.Itoa(n)
	}
}

// Backup writes the last good copy, which Open restores if the database is ever damaged. The copy is verified before it
// replaces the one before, atomically. It does nothing when no record has changed since the last one.
func (db *DB) Backup() error {
	db.backup.Lock()
	defer db.backup.Unlock()
	return db.view("backup", func(tx *bolt.Tx) error {
		s, err := readState(tx)
		if err != nil || db.backup.known && db.backup.digest == s.Digest {
			return err
		}
		fresh := db.backupPath() + ".new"
		err = writeFile(fresh, func(w io.Writer) error {
			_, err := tx.WriteTo(w)
			return err
		})
		if err != nil {
			return err
		}
		if _, err := inspect(fresh, db.schema.version); err != nil {
			return err
		}
		if err := rename(fresh, db.backupPath()); err != nil {
			return err
		}
		db.backup.known, db.backup.digest = true, s.Digest
		return nil
	})
}

// refresh verifies the good copy after Open, in the background, and makes a new one if it is damaged or out of date.
func (db *DB) refresh() {
	img, err := inspect(db.backupPath(), db.schema.version)
	db.backup.Lock()
	if err == nil && img.state.Schema == db.schema.version && !db.backup.known {
		db.backup.known, db.backup.digest = true, img.state.Digest
	}
	db.backup.Unlock()
	if err := db.Backup(); err != nil {
		db.log.Warn("store: no copy of the database was made", "error", err)
	}
}
