package sites

import (
	"wtptui/engine"
	"wtptui/store"
)

// graves are the deleted sites that state files may still contain. They are counted: a folder's outdated state file may
// contain sites whose graves were added after it became outdated, but none from before. So a grave can be forgotten
// once all outdated folders have become so after it.
type graves struct {
	byHost map[string]grave
	// added is how many graves have been added in total.
	added int
	// staleFolders are the folders whose state files are out of date, with the value of added when they became so.
	staleFolders map[string]int
	// upToDate reports whether there is nothing to forget.
	upToDate bool
}

// grave is a store.Tombstone with the number of graves added before it.
type grave struct {
	store.Tombstone

	number int
}

// addStale records that a folder's state file is out of date.
func (g *graves) addStale(name string) {
	if _, already := g.staleFolders[name]; !already {
		g.staleFolders[name] = g.added
	}
}

// takeForgettable returns and removes the graves of sites that no state file contains any more.
func (g *graves) takeForgettable() (forgotten []store.Tombstone) {
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

// newGrave returns the grave for a site whose row is deleted.
func (f *folders) newGrave(row store.Site) store.Tombstone {
	g := store.Tombstone{Host: row.Host, Rev: f.journal.nextRev(), At: f.cfg.Clock.Now()}
	if row.Infohash != "" {
		g.Infohashes = folderNames(row)
	}
	return g
}

// addGrave remembers a grave that is written, or about to be, until no state file contains the site any more.
func (f *folders) addGrave(g store.Tombstone) {
	f.mark(append(g.Infohashes, unresolvedPrefix+engine.OriginLabel(g.Host))...)
	f.graves.byHost[g.Host] = grave{g, f.graves.added}
	f.graves.added++
	f.graves.upToDate = false
}

// newGraves returns the graves for versions that their site has released.
func (f *folders) newGraves(infohashes []string) []store.Tombstone {
	graves := make([]store.Tombstone, len(infohashes))
	for i, infohash := range infohashes {
		graves[i] = f.newGrave(store.Site{Host: infohash, Infohash: infohash})
	}
	return graves
}

// writeGraves writes graves for versions that their site has released, so that their data may be deleted.
func (f *folders) writeGraves(infohashes ...string) {
	for _, g := range f.newGraves(infohashes) {
		f.addGrave(g)
		f.journal.enqueue(storeChange{apply: func(tx *store.Tx) error { return tx.PutTombstone(g) }})
	}
}

// markUpToDate records that a folder contains no deleted sites: it has been written, or is gone itself.
func (f *folders) markUpToDate(name string) {
	delete(f.graves.staleFolders, name)
	f.graves.upToDate = false
}

// forgetGraves deletes the graves of sites that no state file contains any more.
func (f *folders) forgetGraves() {
	for _, g := range f.graves.takeForgettable() {
		f.journal.enqueue(storeChange{apply: func(tx *store.Tx) error { return tx.RemoveTombstone(g.Host, g.Rev) }})
	}
}
