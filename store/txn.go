package store

import (
	"bytes"
	"fmt"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
)

// Tx is a write transaction: all of its changes are on the disk when Update returns, or none was made. It updates the
// digest of all records. Everything outside the state bucket is written through it. It is valid until the function that
// it was passed to returns.
type Tx struct {
	tx    *bolt.Tx
	state state
	// onCommit holds the changes of the memory to make when the transaction is on the disk.
	onCommit []func(*completion)
}

// Update runs changes in one transaction.
func (db *DB) Update(changes func(*Tx) error) error {
	return db.pieces.change(func() (apply func(), err error) {
		var t *Tx
		err = db.update("write", func(tx *Tx) error {
			t = tx
			return changes(tx)
		})
		return func() {
			for _, f := range t.onCommit {
				f(&db.pieces)
			}
		}, err
	})
}

// put stores one record, and creates the bucket if it is missing.
func (t *Tx) put(bucket string, key, value []byte) error {
	b, err := t.tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return err
	}
	if old := b.Get(key); old != nil {
		t.state.Digest.remove(bucket, key, old)
	}
	t.state.Digest.add(bucket, key, value)
	return b.Put(key, value)
}

// get returns a record's value, or nil. It is valid until the next put or remove.
func (t *Tx) get(bucket string, key []byte) []byte { return get(t.tx, bucket, key) }

// remove deletes one record, if it exists.
func (t *Tx) remove(bucket string, key []byte) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	old := b.Get(key)
	if old == nil {
		return nil
	}
	t.state.Digest.remove(bucket, key, old)
	return b.Delete(key)
}

// get returns a record's value, or nil. It is valid until the transaction ends.
func get(tx *bolt.Tx, bucket string, key []byte) []byte {
	b := tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Get(key)
}

// forEachRecord calls fn for every record whose key has the prefix, in order. Keys and values are valid until the
// transaction ends. fn must not write to the bucket.
func forEachRecord(tx *bolt.Tx, bucket string, prefix []byte, fn func(key, value []byte) error) error {
	b := tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}

// view runs fn in a read transaction. op names it in errors.
func (f *file) view(op string, fn func(*bolt.Tx) error) error {
	return f.wrapError(op, f.catchPanic(func() error { return f.bolt.View(fn) }))
}

// update runs fn in a write transaction, which is on the disk when update returns nil, and was not made otherwise.
func (f *file) update(op string, fn func(*Tx) error) error {
	// bbolt has its own lock for this, but a write that panics may never unlock it; see catchPanic.
	f.writing.Lock()
	defer f.writing.Unlock()
	return f.wrapError(op, f.catchPanic(func() error { return f.transact(fn) }))
}

func (f *file) transact(fn func(*Tx) error) error {
	return f.bolt.Update(func(tx *bolt.Tx) error {
		s, err := readState(tx)
		if err != nil {
			return err
		}
		t := &Tx{tx: tx, state: s}
		if err := fn(t); err != nil {
			return err
		}
		return writeState(tx, t.state)
	})
}

// catchPanic turns a panic of the database library, or a fault on a page that has disappeared from the mapping, into an
// error. Open has verified every page, so this happens only if the file is damaged while it is in use. The library may
// then never release its locks, so it is not called again: everything fails until the next Open.
func (f *file) catchPanic(fn func() error) (err error) {
	if f.broken.Load() {
		return errDamagedInUse
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			f.broken.Store(true)
			f.log.Error("store: the database failed", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errDamagedInUse, p)
		}
	}()
	return fn()
}
