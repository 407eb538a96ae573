package store

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

// createEmpty creates an empty database at the path, where there is none or a damaged one, which it moves aside. The
// new file is complete and on the disk before that. If the process is killed between the two, the path is empty, and
// the next Open creates the database.
func (o *opening) createEmpty(missing bool) (s state, aside string, err error) {
	s = state{Schema: o.schema.version, Clean: true}
	fresh := o.path + ".new"
	if err := createDatabase(fresh, s); err != nil {
		return state{}, "", err
	}
	if !missing {
		if aside, err = moveAside(o.path); err != nil {
			return state{}, "", err
		}
		o.schema.notifyTest("moved aside")
	}
	return s, aside, rename(fresh, o.path)
}

// createDatabase creates an empty database. It replaces one that an earlier attempt has left.
func createDatabase(path string, s state) error {
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

// moveAside renames a damaged file to an unused name, and returns that name.
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
