package store

import (
	"bytes"

	bolt "go.etcd.io/bbolt"
)

// Setting returns the value of a setting; nil if it is not set.
func (db *DB) Setting(key string) (value []byte, err error) {
	err = db.view("setting", func(tx *bolt.Tx) error {
		value = bytes.Clone(get(tx, settingsBucket, []byte(key)))
		return nil
	})
	return value, err
}

// PutSetting sets a value; an empty one deletes the setting.
func (db *DB) PutSetting(key string, value []byte) error {
	return db.update("put setting", func(t *Tx) error { return t.PutSetting(key, value) })
}

// PutSetting sets a value; an empty one deletes the setting.
func (t *Tx) PutSetting(key string, value []byte) error {
	switch {
	case key == "":
		return invalidError("a setting needs a key")
	case len(value) == 0:
		return t.remove(settingsBucket, []byte(key))
	}
	return t.put(settingsBucket, []byte(key), bytes.Clone(value))
}
