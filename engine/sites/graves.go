package sites

import (
	"wtptui/engine"
	"wtptui/store"
)

// graves are the sites that are gone and that state files may still speak of. They are counted: a folder whose state
// file is out of date may speak of those that were dug after that, and of none before, so that a grave can be forgotten
// when all folders that are out of date have become so after it.
type graves struct {
	byHost map[string]grave
	// dug is how many there have been.
	added int
	// speaking are the folders whose state files are out of date, and how many graves there had been when they became
	// so.
	staleFolders map[string]int
	// checked says that there is nothing to forget.
	upToDate bool
}

// grave is a store.Grave and how many there had been before.
type grave struct {
	store.Grave

	number int
}

// speaks says that a folder's state file is out of date.
func (g *graves) addStale(name string) {
	if _, already := g.staleFolders[name]; !already {
		g.staleFolders[name] = g.added
	}
}

// take gives the graves that no folder speaks of any more, and forgets them.
func (g *graves) takeForgettable() (forgotten []store.Grave) {
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
			forgotten = append(forgotten, one.Grave)
			delete(g.byHost, host)
		}
	}
	return forgotten
}

// newGrave is the grave of a site whose row is deleted.
func (f *folders) newGrave(row store.Site) store.Grave {
	g := store.Grave{Host: row.Host, Rev: f.journal.nextRev(), At: f.cfg.Clock.Now()}
	if row.Infohash != "" {
		g.Infohashes = folderNames(row)
	}
	return g
}

// bury remembers a grave that is written, or about to be, until no folder speaks of the site any more.
func (f *folders) addGrave(g store.Grave) {
	f.mark(append(g.Infohashes, unresolvedPrefix+engine.Label(g.Host))...)
	f.graves.byHost[g.Host] = grave{g, f.graves.added}
	f.graves.added++
	f.graves.upToDate = false
}

// newGraves are the graves of versions that their site lets go of.
func (f *folders) newGraves(infohashes []string) []store.Grave {
	graves := make([]store.Grave, len(infohashes))
	for i, infohash := range infohashes {
		graves[i] = f.newGrave(store.Site{Host: infohash, Infohash: infohash})
	}
	return graves
}

// condemn writes down that the data of a version may go that its site has let go of.
func (f *folders) writeGraves(infohashes ...string) {
	for _, g := range f.newGraves(infohashes) {
		f.addGrave(g)
		f.journal.enqueue(storeChange{apply: func(tx *store.Tx) error { return tx.PutGrave(g) }})
	}
}

// silent says that a folder speaks of no site any more that is not here: it is gone, or was written.
func (f *folders) markUpToDate(name string) {
	delete(f.graves.staleFolders, name)
	f.graves.upToDate = false
}

// forgetGraves removes the graves that no folder speaks of any more.
func (f *folders) forgetGraves() {
	for _, g := range f.graves.takeForgettable() {
		f.journal.enqueue(storeChange{apply: func(tx *store.Tx) error { return tx.RemoveGrave(g.Host, g.Rev) }})
	}
}
