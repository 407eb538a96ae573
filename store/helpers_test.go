package store

import "wtptui/engine"

// Changes of one record, each in a transaction of its own.

func (db *DB) PutInfo(infohash string, info []byte) error {
	return db.Update(func(t *Tx) error { return t.PutInfo(infohash, info) })
}

func (db *DB) DeleteTorrent(infohash string) error {
	return db.Update(func(t *Tx) error { return t.DeleteTorrent(infohash) })
}

func (db *DB) DeleteSite(host string) error {
	return db.Update(func(t *Tx) error { return t.DeleteSite(host) })
}

func (db *DB) Forget(host string) error {
	return db.Update(func(t *Tx) error { return t.Forget(host) })
}

func (db *DB) PutTombstone(g Tombstone) error {
	return db.Update(func(t *Tx) error { return t.PutTombstone(g) })
}

func (db *DB) RemoveTombstone(host string, rev int64) error {
	return db.Update(func(t *Tx) error { return t.RemoveTombstone(host, rev) })
}

func (db *DB) PutVersions(host string, versions []engine.Version) error {
	return db.Update(func(t *Tx) error { return t.PutVersions(host, versions) })
}

func (db *DB) PutPublication(p Publication) error {
	return db.Update(func(t *Tx) error { return t.PutPublication(p) })
}

func (db *DB) Publish(p Publication, s Site, v engine.Version, info []byte, former string) error {
	return db.Update(func(t *Tx) error { return t.Publish(p, s, v, info, former) })
}
