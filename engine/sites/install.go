package sites

import (
	"context"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// installation is a complete version of our own that is about to become what its site serves. It is written to the disk
// first; what happens to the site meanwhile is not lost.
type installation struct {
	op string
	// host is what the site will be called, and former its host until now if that is different.
	host, former string
	infohash     string
	info         []byte
	record       store.Publication
	now          time.Time
	// hashed reports whether the data that is not in the version base, which may be empty, was hashed just now.
	hashed bool
	base   string
	// eventKind and eventText are the event to record.
	eventKind engine.EventKind
	eventText string
}

// install writes the version to the disk and makes its site serve it: at once or, if moves, when its readers pause.
func (p *publisher) install(ctx context.Context, in installation) (s *site, moves bool, err error) {
	written := make(chan error, 1)
	err = p.withState(in.op, in.host, func(st *state) error {
		if st.continuedSite(in.former) == nil {
			in.former = ""
		}
		row, _ := st.publishedRow(in)
		before, old := st.roster.findAnywhere(in.host), st.roster.findAnywhere(in.former)
		freeze(1, before, old)
		row.Rev = st.journal.nextRev()
		tombstones := st.folders.newTombstones(st.bin.replacedInfohashes(in.host, in.infohash))
		if old != nil && in.former != in.host {
			tombstones = append(tombstones, st.folders.newTombstone(old.row))
		}
		check := st.scrub.newCheck(in)
		st.journal.enqueue(storeChange{
			apply: func(tx *store.Tx) error {
				for _, g := range tombstones {
					if err := tx.PutTombstone(g); err != nil {
						return err
					}
				}
				return in.write(tx, row, check)
			},
			done: func(err error) {
				freeze(-1, before, old)
				switch {
				case err != nil:
				case before != nil && st.roster.findAnywhere(in.host) == nil:
					err = &engine.Error{
						Op: in.op, Host: in.host, Kind: engine.Conflict,
						Msg: "the site was removed meanwhile: publish the folder again",
					}
				default:
					s, moves = st.applyInstallation(in)
					before := s.saved
					s.saved = row.AsStored()
					st.swarm.reconcileAll(s)
					st.folders.rowWritten(row, before)
					st.own.onChanged(in.infohash)
					if in.hashed {
						st.torrents.getOrCreate(in.infohash).scrub.check = check
					}
					for _, g := range tombstones {
						st.folders.addTombstone(g)
					}
				}
				written <- err
			},
		})
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	return s, moves, awaitWrite(ctx, in.op, in.host, written)
}

// write writes the installation. Its data has an owner now, so the tombstone for it is removed.
func (in installation) write(tx *store.Tx, row store.Site, check store.DataCheck) error {
	if err := tx.RemoveTombstone(publicationTombstonePrefix+in.infohash, row.Rev); err != nil {
		return err
	}
	if in.hashed {
		if err := tx.PutDataCheck(check); err != nil {
			return err
		}
	}
	version := engine.Version{Infohash: in.infohash, LastSeen: engine.At(in.now), Source: sourcePublished}
	return tx.Publish(in.record, row, version, in.info, in.former)
}

// freeze adds n to the number of reasons why the sites' rows must not be written. The sites may be nil.
func freeze(n int, sites ...*site) {
	for _, s := range sites {
		if s != nil {
			s.frozen += n
		}
	}
}

// applyInstallation makes the site serve a version that is on the disk.
func (st *state) applyInstallation(in installation) (s *site, moves bool) {
	row, moves := st.publishedRow(in)
	st.swarm.markUnwanted(st.bin.takeReplaced(in.host, in.infohash)...)
	delete(st.own.byHost, in.former)
	st.own.byHost[in.host] = in.record
	s, orphan := st.renameSite(row, in.former)
	st.events.record(s, engine.Info, in.eventKind, in.eventText)
	if orphan != nil { // It has been merged into another one.
		st.swarm.releaseAll(orphan, false)
		st.swarm.markUnwanted(append(orphan.otherInfohashes(), orphan.row.Infohash)...)
	}
	if moves {
		st.versions.moveTo(s, in.infohash)
		return s, true
	}
	// Requests under way keep the version that they have.
	abandoned := s.next.torrent
	s.next, s.noPeersSince = nextVersion{}, time.Time{}
	st.swarm.serve(s, in.infohash)
	if abandoned != nil {
		st.versions.abandon(s, abandoned)
	}
	return s, false
}

// continuedSite returns the site that a publication continues; nil if there is none. A site that was removed is not
// continued.
func (st *state) continuedSite(host string) *site {
	if s := st.roster.findAnywhere(host); s != nil && (!s.row.Removed || st.roster.isHere(s)) {
		return s
	}
	return nil
}

// publishedRow returns the row of the published site, based on the row of the existing one if there is one. A domain
// that is being read moves to its new version when its readers pause; other sites move at once.
func (st *state) publishedRow(in installation) (row store.Site, moves bool) {
	row = store.Site{AddedAt: in.now, LastOpen: in.now}
	s, old := st.continuedSite(in.host), st.continuedSite(in.former)
	if s == nil {
		s, old = old, nil
	}
	inPlace := false
	if s != nil {
		s.countTransferred()
		row = s.row
		inPlace = st.own.wasInPlace(row, in.former)
		if old != nil {
			row.Kept = st.own.mergeKept(row, old.row, in.now)
		}
		moves = row.Host == in.host && st.roster.isHere(s) && s.torrent != nil && !row.Paused &&
			!engine.IsInfohash(in.host) && row.Infohash != in.infohash && !inPlace
	}
	if !moves {
		keep := st.own.keepFor()
		if inPlace {
			keep = 0
		}
		row.Kept = st.own.keptVersions(row, in.infohash, in.now, keep)
		row.Infohash, row.Next = in.infohash, ""
	} else {
		row.Next = in.infohash
	}
	row.Host, row.Mine, row.Pinned, row.Held = in.host, true, true, false
	row.ExpiresAt, row.EvictedAt, row.Removed, row.BinBytes, row.BinUntil = time.Time{}, time.Time{}, false, 0, time.Time{}
	return row, moves
}

// mergeKept returns the former versions of two sites that become one: those that either keeps, and the one that old has
// served until now.
func (p *publications) mergeKept(row, old store.Site, now time.Time) []store.KeptVersion {
	kept := slices.Concat(row.Kept, old.Kept)
	if old.Infohash != "" && !p.wasInPlace(old, old.Host) {
		kept = append(kept, store.KeptVersion{Infohash: old.Infohash, Until: now.Add(p.keepFor())})
	}
	// Latest first, so that of duplicates the one that is kept longer stays.
	slices.SortStableFunc(kept, func(a, b store.KeptVersion) int { return b.Until.Compare(a.Until) })
	seen := map[string]bool{row.Infohash: true}
	kept = slices.DeleteFunc(kept, func(k store.KeptVersion) bool {
		again := seen[k.Infohash]
		seen[k.Infohash] = true
		return again
	})
	slices.Reverse(kept)
	return kept
}

// keptVersions returns the versions that are kept when infohash takes the place of the row's.
func (p *publications) keptVersions(
	row store.Site, infohash string, now time.Time, keep time.Duration,
) []store.KeptVersion {
	kept := slices.DeleteFunc(slices.Clone(row.Kept), func(k store.KeptVersion) bool {
		return k.Infohash == infohash || k.Infohash == row.Infohash
	})
	if row.Infohash != "" && row.Infohash != infohash {
		kept = append(kept, store.KeptVersion{Infohash: row.Infohash, Until: now.Add(keep)})
	}
	for i := range len(kept) - p.keepVersions() {
		kept[i].Until = now
	}
	return kept
}

// renameSite returns the site of a published row. It may be new, or have had the host former until now. orphan is a
// site that it has replaced and whose versions it keeps.
func (st *state) renameSite(row store.Site, former string) (s, orphan *site) {
	s = st.roster.findAnywhere(row.Host)
	old := st.roster.findAnywhere(former)
	if old != nil {
		delete(st.roster.here, former)
		delete(st.roster.binned, former)
		st.journal.forget(old)
	}
	switch {
	case s == nil && old == nil:
		s = newSite(row, st.cfg.LocalRoot)
	case s == nil: // it continues under its new host
		s = old
		s.setAddresses(row.Host, st.cfg.LocalRoot)
	case old != nil: // there is a site of the new host already
		old.deleted = true
		orphan = old
	}
	s.row = row
	for _, k := range row.Kept {
		if t := st.torrents.byHash[k.Infohash]; t != nil && len(t.users) > 0 {
			st.swarm.addUser(s, k.Infohash)
		}
	}
	delete(st.roster.binned, row.Host)
	st.roster.here[row.Host] = s
	st.journal.markDirty(s)
	st.events.changed = true
	return s, orphan
}

// updatePublication changes the stored publication of a site.
func (p *publisher) updatePublication(ctx context.Context, op, host string, change func(*store.Publication)) error {
	written := make(chan error, 1)
	err := p.withState(op, host, func(st *state) error {
		record, published := st.own.byHost[host]
		if !published {
			return &engine.Error{
				Op: op, Host: host, Kind: engine.Conflict,
				Msg: "the site was removed meanwhile: publish the folder again",
			}
		}
		change(&record)
		st.own.byHost[host] = record
		st.own.onChanged(record.Infohash)
		st.events.changed = true
		st.journal.enqueue(storeChange{
			apply: func(tx *store.Tx) error { return tx.PutPublication(record) },
			done:  func(err error) { written <- err },
		})
		return nil
	})
	if err != nil {
		return err
	}
	return awaitWrite(ctx, op, host, written)
}

// siteKeeping returns the published site that is named by its infohash and still keeps the given former version. The
// former address shows that version for as long.
func (st *state) siteKeeping(infohash string) (*site, *torrent) {
	t := st.torrents.byHash[infohash]
	if t == nil || !t.ready || st.roster.here[infohash] != nil {
		return nil, nil
	}
	for s := range t.users {
		if s.row.Mine && s.keepsVersion(infohash) {
			return s, t
		}
	}
	return nil, nil
}
