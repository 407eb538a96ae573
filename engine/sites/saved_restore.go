package sites

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// Restored is what became of a saved site: it was added, or Here says that there is one already, which stays as it is
// and may be Pinned, or Err why it cannot be.
type Restored struct {
	Host   string
	Here   bool
	Pinned bool
	Err    error
}

// restoreChunk is how many sites a restore puts in place in one step, so that nobody else waits long.
const restoreChunk = 50

// Restore adds the saved sites that are not here, as they were. They are written down when Restore returns: one that is
// cut short can be repeated. With dryRun it changes nothing.
func (a *Archive) Restore(ctx context.Context, saved []Saved, dryRun bool) ([]Restored, error) {
	var all []Restored
	for some := range slices.Chunk(saved, restoreChunk) {
		outcomes, err := a.restoreSome(ctx, some, dryRun)
		if err != nil {
			return all, err
		}
		all = append(all, outcomes...)
	}
	return all, nil
}

func (a *Archive) restoreSome(ctx context.Context, saved []Saved, dryRun bool) ([]Restored, error) {
	const op = "sites: restore"
	parsed := parseSavedSites(saved)
	var outcomes []Restored
	var missing []restorable
	err := a.withState(op, "", func(st *state) error {
		outcomes, missing = splitMissing(parsed, st.roster.refuseRestore)
		return nil
	})
	if err != nil || dryRun || len(missing) == 0 {
		return outcomes, err
	}
	// First, what a site must not be without.
	for _, r := range missing {
		if err := restoreRecords(a.cfg.Records, r.Records); err != nil {
			return nil, err
		}
	}
	if err := a.cfg.Store.Update(func(tx *store.Tx) error { return putInfos(tx, missing) }); err != nil {
		return nil, saveError(op, "", err)
	}
	return outcomes, a.addSites(ctx, missing)
}

// revive puts sites in place, and returns when they are written down.
func (a *Archive) addSites(ctx context.Context, missing []restorable) error {
	const op = "sites: restore"
	written := make(chan error, 1)
	err := a.withState(op, "", func(st *state) error {
		var failed error // The owner's alone, as whatever the journal calls.
		note := func(err error) { failed = cmp.Or(failed, err) }
		for _, r := range missing {
			if st.roster.refuseRestore(r.Site.Host) == nil { // It may have come meanwhile.
				r.addTo(st, note)
			}
		}
		st.journal.flush(func(err error) { written <- cmp.Or(failed, err) })
		return nil
	})
	if err != nil {
		return err
	}
	return awaitWrite(ctx, op, "", written)
}

// RestoreStored is Archive.Restore into a database that no engine works with; ttl is how long a site that is not pinned
// stays.
func RestoreStored(db *store.DB, saved []Saved, now time.Time, ttl time.Duration, dryRun bool) ([]Restored, error) {
	rows, err := db.Sites()
	if err != nil {
		return nil, err
	}
	graves, err := db.Graves()
	if err != nil {
		return nil, err
	}
	rev, there := int64(0), map[string]error{}
	for _, row := range rows {
		rev, there[row.Host] = max(rev, row.Rev), errHereAs(row)
		if !row.EvictedAt.IsZero() {
			there[row.Host] = engine.RefuseMissing("sites: restore", row.Host, true)
		}
	}
	for _, g := range graves {
		rev = max(rev, g.Rev)
	}
	outcomes, missing := splitMissing(parseSavedSites(saved), func(host string) error { return there[host] })
	if dryRun {
		return outcomes, nil
	}
	for _, r := range missing {
		if err := restoreRecords(db, r.Records); err != nil {
			return nil, err
		}
	}
	return outcomes, db.Update(func(tx *store.Tx) error {
		if err := putInfos(tx, missing); err != nil {
			return err
		}
		// What the folders of sites say may be newer than the backup. Rev 0 has a start compare the two, as with rows of the
		// first releases; only what a start has numbered is known to be newer than any folder.
		numbered := rev > 0
		for _, r := range missing {
			if numbered {
				rev++
			}
			row := r.row(now, ttl)
			row.Rev = rev
			if err := tx.PutSite(row); err != nil {
				return err
			}
			if err := r.writeRelated(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

var (
	// errHere says that there is a site of that host, and errPinned that it is pinned.
	errHere   = errors.New("it is here")
	errPinned = fmt.Errorf("%w, pinned", errHere)
)

func errHereAs(row store.Site) error {
	if row.Pinned {
		return errPinned
	}
	return errHere
}

// refuseRestore returns why a site is not restored: errHere, or that it lies in the bin.
func (r *roster) refuseRestore(host string) error {
	switch {
	case r.here[host] != nil:
		return errHereAs(r.here[host].row)
	case r.binned[host] != nil:
		return engine.RefuseMissing("sites: restore", host, true)
	}
	return nil
}

// revive puts the site in place. Its row and what belongs to it are written soon, and note is called with how each
// attempt went.
func (r restorable) addTo(st *state, note func(error)) {
	now := st.clock.Now()
	s := newSite(r.row(now, st.cfg.CacheTTL), st.cfg.LocalRoot)
	s.lastUse = s.row.LastOpen
	st.roster.here[s.row.Host] = s
	if r.Publication != nil {
		st.own.byHost[s.row.Host] = *r.Publication
	}
	st.journal.markDirty(s)
	st.journal.flush(note)
	again := func() bool { return st.roster.here[s.row.Host] == s }
	st.journal.enqueue(storeChange{apply: r.writeRelated, done: note, retryIf: again})
	st.events.record(s, engine.Info, engine.Added, "restored from a backup")
	st.events.changed = true
	st.startSite(s)
}

// revival is a saved site that can be added.
type restorable struct {
	siteEntry

	info []byte // of its version; nil while that is unknown
}

// row is what the site begins with here: what depends on the machine and on the time is left behind.
func (r restorable) row(now time.Time, ttl time.Duration) store.Site {
	was := r.Site
	row := store.Site{
		Host: was.Host, Infohash: was.Infohash, Title: engine.Clean(was.Title), Pinned: was.Pinned,
		Mine: was.Mine && r.Publication != nil, Paused: was.Paused, Allowed: was.Allowed, Flags: was.Flags,
		Labels: was.Labels, Enough: was.Enough, AddedAt: was.AddedAt, LastOpen: was.LastOpen,
		Trackers: was.Trackers, WebSeeds: was.WebSeeds, HintTrackers: was.HintTrackers, HintWebSeeds: was.HintWebSeeds,
		Held: was.Held, Downloaded: max(0, was.Downloaded), Uploaded: max(0, was.Uploaded),
	}
	if !row.Pinned {
		row.ExpiresAt = now.Add(ttl)
	}
	return row
}

// write writes what belongs to the site's row.
func (r restorable) writeRelated(tx *store.Tx) error {
	if err := tx.PutVersions(r.Site.Host, r.engineVersions()); err != nil {
		return err
	}
	if r.Publication == nil {
		return nil
	}
	return tx.PutPublication(*r.Publication)
}

func putInfos(tx *store.Tx, all []restorable) error {
	for _, r := range all {
		if r.info == nil {
			continue
		}
		if err := tx.PutInfo(r.Site.Infohash, r.info); err != nil {
			return err
		}
	}
	return nil
}

// parsedSite is a saved site, or why it cannot be one.
type parsedSite struct {
	host string
	restorable

	err error
}

func parseSavedSites(saved []Saved) []parsedSite {
	all := make([]parsedSite, len(saved))
	for i, s := range saved {
		all[i].host = s.Host
		all[i].restorable, all[i].err = parseSavedSite(s)
	}
	return all
}

// choose tells those that are missing from the others; refuse says why a site cannot be added.
func splitMissing(parsed []parsedSite, refuse func(host string) error) (outcomes []Restored, missing []restorable) {
	for _, p := range parsed {
		outcome := Restored{Host: p.host, Err: p.err}
		if p.err == nil {
			err := refuse(p.host)
			switch {
			case err == nil:
				missing = append(missing, p.restorable)
			case errors.Is(err, errHere):
				outcome.Here, outcome.Pinned = true, errors.Is(err, errPinned)
			default:
				outcome.Err = err
			}
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes, missing
}
