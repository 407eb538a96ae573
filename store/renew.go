package store

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

// renew makes an empty database at the path, where there is none, or a damaged one that is moved aside. The new file is
// whole and on the disk before that; a kill between the two leaves the path empty, and the next Open continues here.
func (o *opening) renew(missing bool) (s state, aside string, err error) {
	s = state{Schema: o.schema.version, Clean: true}
	fresh := o.path + ".new"
	if err := create(fresh, s); err != nil {
		return state{}, "", err
	}
	if !missing {
		if aside, err = moveAside(o.path); err != nil {
			return state{}, "", err
		}
		o.schema.at("moved aside")
	}
	return s, aside, rename(fresh, o.path)
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

// moveAside renames a damaged file to a name that is not taken, and returns that name.
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
