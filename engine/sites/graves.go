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
	dug int
	// speaking are the folders whose state files are out of date, and how many graves there had been when they became
	// so.
	speaking map[string]int
	// checked says that there is nothing to forget.
	checked bool
}

// grave is a store.Grave and how many there had been before.
type grave struct {
	store.Grave

	number int
}

// speaks says that a folder's state file is out of date.
func (g *graves) speaks(name string) {
	if _, already := g.speaking[name]; !already {
		g.speaking[name] = g.dug
	}
}

// take gives the graves that no folder speaks of any more, and forgets them.
func (g *graves) take() (forgotten []store.Grave) {
	if g.checked {
		return nil
	}
	g.checked = true
	oldest := g.dug
	for _, since := range g.speaking {
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

// graveOf is the grave of a site whose row is deleted.
func (f *folders) graveOf(row store.Site) store.Grave {
	g := store.Grave{Host: row.Host, Rev: f.journal.nextRev(), At: f.cfg.Clock.Now()}
	if row.Infohash != "" {
		g.Infohashes = folderNames(row)
	}
	return g
}

// bury remembers a grave that is written, or about to be, until no folder speaks of the site any more.
func (f *folders) bury(g store.Grave) {
	f.mark(append(g.Infohashes, unresolved+engine.Label(g.Host))...)
	f.graves.byHost[g.Host] = grave{g, f.graves.dug}
	f.graves.dug++
	f.graves.checked = false
}

// gravesOf are the graves of versions that their site lets go of.
func (f *folders) gravesOf(infohashes []string) []store.Grave {
	graves := make([]store.Grave, len(infohashes))
	for i, infohash := range infohashes {
		graves[i] = f.graveOf(store.Site{Host: infohash, Infohash: infohash})
	}
	return graves
}

// condemn writes down that the data of a version may go that its site has let go of.
func (f *folders) condemn(infohashes ...string) {
	for _, g := range f.gravesOf(infohashes) {
		f.bury(g)
		f.journal.change(part{change: func(tx *store.Tx) error { return tx.PutGrave(g) }})
	}
}

// silent says that a folder speaks of no site any more that is not here: it is gone, or was written.
func (f *folders) silent(name string) {
	delete(f.graves.speaking, name)
	f.graves.checked = false
}

// forgetGraves removes the graves that no folder speaks of any more.
func (f *folders) forgetGraves() {
	for _, g := range f.graves.take() {
		f.journal.change(part{change: func(tx *store.Tx) error { return tx.RemoveGrave(g.Host, g.Rev) }})
	}
}
