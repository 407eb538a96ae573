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

// Restored is the outcome for a saved site: it was added; or Here, which means that a site of that host exists, perhaps
// Pinned, and has not changed; or Err says why it was not added.
type Restored struct {
	Host   string
	Here   bool
	Pinned bool
	Err    error
}

// restoreChunk is how many sites a restore adds in one step, so that others do not wait long for the owner.
const restoreChunk = 50

// Restore adds the saved sites that are not here, as they were. They are on the disk when it returns. An interrupted
// restore can be repeated. With dryRun nothing changes.
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
	// First what a site must not lack.
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

// addSites adds sites, and returns when they are on the disk.
func (a *Archive) addSites(ctx context.Context, missing []restorable) error {
	const op = "sites: restore"
	written := make(chan error, 1)
	err := a.withState(op, "", func(st *state) error {
		var failed error // Only the owner touches it, since the journal calls note on its goroutine.
		note := func(err error) { failed = cmp.Or(failed, err) }
		for _, r := range missing {
			if st.roster.refuseRestore(r.Site.Host) == nil { // The site may have been added meanwhile.
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

// RestoreStored is like Archive.Restore, for a database that no engine uses. ttl is how long a site that is not pinned
// stays.
func RestoreStored(db *store.DB, saved []Saved, now time.Time, ttl time.Duration, dryRun bool) ([]Restored, error) {
	rows, err := db.Sites()
	if err != nil {
		return nil, err
	}
	tombstones, err := db.Tombstones()
	if err != nil {
		return nil, err
	}
	rev, there := int64(0), map[string]error{}
	for _, row := range rows {
		rev, there[row.Host] = max(rev, row.Rev), errHereAs(row)
		if !row.EvictedAt.IsZero() {
			there[row.Host] = engine.MissingSiteError("sites: restore", row.Host, true)
		}
	}
	for _, g := range tombstones {
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
		// The sites' folders may be newer than the backup. Rev 0 makes the next start compare the two, as with rows of
		// the first releases; only rows numbered by a start are known to be newer than any folder.
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
	// errHere means that there is a site of that host, and errPinned that it is pinned.
	errHere   = errors.New("it is here")
	errPinned = fmt.Errorf("%w, pinned", errHere)
)

func errHereAs(row store.Site) error {
	if row.Pinned {
		return errPinned
	}
	return errHere
}

// refuseRestore returns why a site is not restored: errHere, errPinned, or that it is in the bin.
func (r *roster) refuseRestore(host string) error {
	switch {
	case r.here[host] != nil:
		return errHereAs(r.here[host].row)
	case r.binned[host] != nil:
		return engine.MissingSiteError("sites: restore", host, true)
	}
	return nil
}

// addTo adds the site. Its row and what belongs to it are written soon; note is called with the outcome of each write.
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

// restorable is a validated saved site.
type restorable struct {
	siteEntry

	info []byte // the version's info dictionary; nil if unknown
}

// row returns the new row of the site, without what depends on the machine and the time.
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

// writeRelated writes what belongs to the site besides its row.
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

// parsedSite is a saved site, or the error from parsing it.
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

// splitMissing separates the sites that have to be added from the others; refuse returns why a site cannot be added.
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
