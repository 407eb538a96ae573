package sites

import (
	"wtptui/engine"
	"wtptui/store"
)

// tombstones are the deleted sites that state files may still contain. They are counted: a folder's outdated state file
// may contain sites whose tombstones were added after it became outdated, but none from before. So a tombstone can be
// forgotten once all outdated folders have become so after it.
type tombstones struct {
	byHost map[string]tombstone
	// added is how many tombstones have been added in total.
	added int
	// staleFolders are the folders whose state files are out of date, with the value of added when they became so.
	staleFolders map[string]int
	// upToDate reports whether there is nothing to forget.
	upToDate bool
}

// tombstone is a store.Tombstone with the number of tombstones added before it.
type tombstone struct {
	store.Tombstone

	number int
}

// addStale records that a folder's state file is out of date.
func (g *tombstones) addStale(name string) {
	if _, already := g.staleFolders[name]; !already {
		g.staleFolders[name] = g.added
	}
}

// takeForgettable returns and removes the tombstones of sites that no state file contains any more.
func (g *tombstones) takeForgettable() (forgotten []store.Tombstone) {
	if g.upToDate {
		return nil
	}
	g.upToDate = true
	oldest := g.added
	for _, since := range g.staleFolders {
		oldest = min(oldest, since)
	}
	for host, one := range g.byHost {
		if one.number < oldest {
			forgotten = append(forgotten, one.Tombstone)
			delete(g.byHost, host)
		}
	}
	return forgotten
}

// newTombstone returns the tombstone for a site whose row is deleted.
func (f *folders) newTombstone(row store.Site) store.Tombstone {
	g := store.Tombstone{Host: row.Host, Rev: f.journal.nextRev(), At: f.cfg.Clock.Now()}
	if row.Infohash != "" {
		g.Infohashes = folderNames(row)
	}
	return g
}

// addTombstone remembers a tombstone that is written, or about to be, until no state file contains the site any more.
func (f *folders) addTombstone(g store.Tombstone) {
	f.mark(append(g.Infohashes, unresolvedPrefix+engine.OriginLabel(g.Host))...)
	f.tombstones.byHost[g.Host] = tombstone{g, f.tombstones.added}
	f.tombstones.added++
	f.tombstones.upToDate = false
}

// newTombstones returns the tombstones for versions that their site has released.
func (f *folders) newTombstones(infohashes []string) []store.Tombstone {
	tombstones := make([]store.Tombstone, len(infohashes))
	for i, infohash := range infohashes {
		tombstones[i] = f.newTombstone(store.Site{Host: infohash, Infohash: infohash})
	}
	return tombstones
}

// writeTombstones writes tombstones for versions that their site has released, so that their data may be deleted.
func (f *folders) writeTombstones(infohashes ...string) {
	for _, g := range f.newTombstones(infohashes) {
		f.addTombstone(g)
		f.journal.enqueue(storeChange{apply: func(tx *store.Tx) error { return tx.PutTombstone(g) }})
	}
}

// markUpToDate records that a folder contains no deleted sites: it has been written, or is gone itself.
func (f *folders) markUpToDate(name string) {
	delete(f.tombstones.staleFolders, name)
	f.tombstones.upToDate = false
}

// forgetTombstones deletes the tombstones of sites that no state file contains any more.
func (f *folders) forgetTombstones() {
	for _, g := range f.tombstones.takeForgettable() {
		f.journal.enqueue(storeChange{apply: func(tx *store.Tx) error { return tx.RemoveTombstone(g.Host, g.Rev) }})
	}
}
