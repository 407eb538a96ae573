package sites

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// bin has the sites that a person has evicted or removed. They are in no swarm and not shown. All of their data stays
// until their time is over or their space is needed. Sites that leave for good do so through it as well.
type bin struct {
	cfg      *Config
	events   *eventLog
	journal  *journal
	roster   *roster
	swarm    *membership
	own      *publications
	removals *removals
	folders  *folders
	// emptiedAt is when the bin was last emptied because the disk was full.
	emptiedAt time.Time
}

const (
	// While the disk is full, fullDiskBytes are deleted from the bin every fullDiskInterval: the swarm needs some time
	// to notice that there is room again.
	fullDiskInterval = 5 * time.Second
	fullDiskBytes    = 256 << 20
)

// put moves a site into the bin; removed means that its history goes with it.
func (b *bin) put(s *site, now time.Time, removed bool) {
	s.row.Removed, s.row.BinUntil = removed, now.Add(b.period(removed))
	b.moveIn(s, now)
}

// removeExpired removes a site whose time in the cache is over, or that has to make room. If a person has evicted it
// before and opened it since, it goes back into the bin until the time that was announced then.
func (b *bin) removeExpired(s *site, now time.Time) {
	if now.Before(s.row.BinUntil) {
		b.moveIn(s, now)
	} else {
		b.deleteSite(s)
	}
}

func (b *bin) moveIn(s *site, now time.Time) {
	s.row.EvictedAt, s.row.BinBytes = now, b.exclusiveBytes(s)
	delete(b.roster.here, s.row.Host)
	b.roster.binned[s.row.Host] = s
	b.journal.markDirty(s)
	b.swarm.releaseAll(s, false)
}

// exclusiveBytes returns how many bytes on the disk no other site shares with this one.
func (b *bin) exclusiveBytes(s *site) (sum int64) {
	for _, t := range s.torrents() {
		switch {
		case len(t.users) > 1 || b.own.inPlace(s.row.Host, t.infohash) != nil:
		case t.ready && (t.stats.Checking || s.row.Found): // How much is there is unknown.
			sum += t.info.Size
		default:
			sum += t.stats.Completed
		}
	}
	return sum
}

// restore brings a site back from the bin; the caller must call startSite. The site stays for at least a minute,
// whatever was left of its time.
func (b *bin) restore(s *site, now time.Time) {
	delete(b.roster.binned, s.row.Host)
	b.roster.here[s.row.Host] = s
	s.row.EvictedAt, s.row.Removed, s.row.BinBytes, s.row.BinUntil = time.Time{}, false, 0, time.Time{}
	soonest := now.Add(min(time.Minute, b.cfg.CacheTTL))
	if !s.row.Pinned && !s.row.Found && s.row.ExpiresAt.Before(soonest) {
		s.row.ExpiresAt = soonest
	}
	b.journal.markDirty(s)
	b.events.record(s, engine.Info, engine.Restored, "brought back")
}

// reopen is restore for a site that is opened by someone who need not know that it was in the bin. A removed site loses
// its pin, unless it was published here, and its pause.
func (b *bin) reopen(s *site, now time.Time) {
	removed, until := s.row.Removed, s.row.BinUntil
	if removed {
		s.row.Pinned, s.row.Paused = s.row.Mine, s.row.Found
	}
	b.restore(s, now)
	s.row.Removed, s.row.BinUntil = removed, until // It may leave the cache before that.
}

// takeReplaced takes a removed site out of the bin whose host is published again, and returns its infohashes other than
// that of the new version. The tombstones that allow their data to be deleted must be written together with the new
// row.
func (b *bin) takeReplaced(host, infohash string) []string {
	rest := b.replacedInfohashes(host, infohash)
	if s := b.roster.binned[host]; s != nil && s.row.Removed {
		b.detach(s)
	}
	return rest
}

// replacedInfohashes returns the infohashes that takeReplaced returns, without changing anything.
func (b *bin) replacedInfohashes(host, infohash string) []string {
	s := b.roster.binned[host]
	if s == nil || !s.row.Removed {
		return nil
	}
	all := append(s.otherInfohashes(), s.row.Infohash)
	return slices.DeleteFunc(all, func(h string) bool { return h == "" || h == infohash })
}

// period returns how long a site stays in the bin.
func (b *bin) period(removed bool) time.Duration {
	if removed {
		return b.cfg.Bin
	}
	return max(b.cfg.Bin, engine.UndoPeriod)
}

// leavesAt returns when a site leaves the bin. Rows of earlier versions of the program lack the time.
func (b *bin) leavesAt(s *site) time.Time {
	if s.row.BinUntil.IsZero() {
		return s.row.EvictedAt.Add(engine.UndoPeriod)
	}
	return s.row.BinUntil
}

// used returns how many bytes are in the bin, and how many of them belong to sites that were not published here.
func (b *bin) used() (all, others int64) {
	for _, s := range b.roster.binned {
		all += s.row.BinBytes
		if !s.row.Mine {
			others += s.row.BinBytes
		}
	}
	return all, others
}

// trim deletes sites whose time in the bin is over, and the oldest ones if the bin is too large or, with diskFull, if a
// site needs space on a full disk.
func (b *bin) trim(now time.Time, diskFull bool) {
	expired := selectSites(b.roster.binned, func(s *site) bool { return !now.Before(b.leavesAt(s)) })
	b.deleteSites(engine.Info, "the time in the bin is over", expired)
	if _, others := b.used(); b.cfg.CacheSize > 0 && others > b.cfg.CacheSize {
		// The newest one stays: otherwise nothing larger than the cache could ever be brought back. Sites that were
		// published here stay too, since nobody else may have them.
		all := b.oldest(false)
		b.deleteSites(engine.Warning, "the bin was larger than the cache may be",
			selectBytes(all[:max(0, len(all)-1)], now, others-b.cfg.CacheSize))
	}
	if diskFull && now.Sub(b.emptiedAt) >= fullDiskInterval {
		b.emptiedAt = now
		b.deleteSites(engine.Warning, "the disk is full", selectBytes(b.deletionOrder(), now, fullDiskBytes))
	}
}

// deletionOrder returns the sites that take space in the bin in the order of deletion: those that were published here
// come last.
func (b *bin) deletionOrder() []*site {
	return append(b.oldest(false), b.oldest(true)...)
}

// oldest returns the sites that take space in the bin, oldest first: those published here, or all others.
func (b *bin) oldest(mine bool) []*site {
	all := selectSites(b.roster.binned, func(s *site) bool { return s.row.BinBytes > 0 && s.row.Mine == mine })
	slices.SortFunc(all, byAge)
	return all
}

// selectBytes returns the first sites that together take so many bytes, or all if they take less. It skips those that a
// person may undo right now.
func selectBytes(sites []*site, now time.Time, bytes int64) (picked []*site) {
	for _, s := range sites {
		if bytes <= 0 {
			break
		}
		if now.Sub(s.row.EvictedAt) < engine.UndoPeriod {
			continue
		}
		picked = append(picked, s)
		bytes -= s.row.BinBytes
	}
	return picked
}

// byAge compares sites by the time at which they were moved into the bin, oldest first.
func byAge(a, b *site) int {
	return cmp.Or(a.row.EvictedAt.Compare(b.row.EvictedAt), cmp.Compare(a.row.Host, b.row.Host))
}

// deleteSites deletes sites that are in the bin.
func (b *bin) deleteSites(level engine.Level, why string, sites []*site) {
	var bytes int64
	for _, s := range sites {
		bytes += s.row.BinBytes
		b.removals.add(s.row.Host)
		b.deleteSite(s)
	}
	switch len(sites) {
	case 0:
	case 1:
		b.events.record(sites[0], level, engine.Noticed, "deleted from the bin ("+engine.Bytes(bytes)+"): "+why)
	default:
		text := fmt.Sprintf("%d sites were deleted from the bin (%s): %s: %s",
			len(sites), engine.Bytes(bytes), why, firstHosts(sites))
		b.events.record(nil, level, engine.Noticed, text)
	}
}

// firstHosts returns the first hosts of a list as text.
func firstHosts(sites []*site) string {
	const most = 10
	var hosts []string
	for _, s := range sites[:min(len(sites), most)] {
		hosts = append(hosts, s.row.Host)
	}
	text := strings.Join(hosts, ", ")
	if more := len(sites) - len(hosts); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// emptyBin deletes the oldest sites of the bin to make room for so many bytes. It waits until their data is gone, and
// reports whether there was that much. If not, it deletes nothing.
func (a *stateAccess) emptyBin(ctx context.Context, bytes int64) bool {
	const op = "sites: empty the bin"
	isEnough := false
	written, gone := make(chan error, 1), make(chan error, 1)
	err := a.withState(op, "", func(st *state) error {
		picked := selectBytes(st.bin.deletionOrder(), st.clock.Now(), bytes)
		for _, s := range picked {
			bytes -= s.row.BinBytes
		}
		if isEnough = bytes <= 0; isEnough {
			st.bin.deleteSites(engine.Warning, "its space is needed", picked)
			st.journal.flush(func(error) { written <- nil })
		}
		return nil
	})
	if err != nil || !isEnough || awaitWrite(ctx, op, "", written) != nil {
		return false
	}
	err = a.withState(op, "", func(st *state) error {
		st.torrents.whenIdle(func() { gone <- nil })
		return nil
	})
	return err == nil && awaitWrite(ctx, op, "", gone) == nil
}

// deleteSite deletes a site whose time is over; its history stays, unless the site was removed. The row is deleted
// before the data: after a kill between the two, its tombstone tells the next start that the data may be deleted. If
// the row cannot be deleted that is retried, and the data is deleted meanwhile, since it may be what fills the disk.
func (b *bin) deleteSite(s *site) {
	host, tombstone, forget := s.row.Host, b.folders.newTombstone(s.row), (*store.Tx).DeleteSite
	if s.row.Removed {
		forget = (*store.Tx).Forget
	}
	hashes := b.detach(s)
	b.folders.addTombstone(tombstone)
	b.journal.enqueue(storeChange{
		apply:   func(tx *store.Tx) error { return errors.Join(forget(tx, host), tx.PutTombstone(tombstone)) },
		done:    func(error) { b.swarm.markUnwanted(hashes...) },
		retryIf: func() bool { return b.roster.findAnywhere(host) == nil },
	})
}

// deleteNow deletes a site and its history because a person wants that: as soon as the row is deleted, or not at all.
func (b *bin) deleteNow(s *site, done func(error)) {
	host, tombstone := s.row.Host, b.folders.newTombstone(s.row)
	s.frozen++
	b.journal.enqueue(storeChange{
		apply: func(tx *store.Tx) error { return errors.Join(tx.Forget(host), tx.PutTombstone(tombstone)) },
		done: func(err error) {
			s.frozen--
			if err == nil && b.roster.findAnywhere(host) == s {
				b.swarm.markUnwanted(b.detach(s)...)
				b.folders.addTombstone(tombstone)
				b.removals.add(host)
			}
			done(err)
		},
	})
}

// detach removes a site from all parts of the state. It returns the infohashes that the site had.
func (b *bin) detach(s *site) []string {
	b.roster.remove(s)
	b.journal.forget(s)
	b.own.forget(s.row.Host)
	b.swarm.releaseAll(s, true)
	b.events.changed = true
	return append(s.otherInfohashes(), s.row.Infohash)
}

func (b *bin) status() engine.Bin {
	bytes, _ := b.used()
	return engine.Bin{Period: int64(b.cfg.Bin / time.Second), Sites: len(b.roster.binned), Bytes: bytes}
}

// view returns the contents of the bin, newest first.
func (b *bin) view() []engine.Binned {
	all := selectSites(b.roster.binned, func(*site) bool { return true })
	slices.SortFunc(all, func(a, b *site) int { return byAge(b, a) })
	views := make([]engine.Binned, len(all))
	for i, s := range all {
		views[i] = engine.Binned{
			Host: s.row.Host, URL: s.url, Infohash: s.row.Infohash, Title: s.row.Title,
			Pinned: s.row.Pinned, Mine: s.row.Mine, Found: s.row.Found, Removed: s.row.Removed, Bytes: s.row.BinBytes,
			Since: engine.At(s.row.EvictedAt), Until: engine.At(b.leavesAt(s)),
		}
	}
	return views
}

// Bin implements engine.Engine.
func (e *Engine) Bin(ctx context.Context) (views []engine.Binned, err error) {
	const op = "sites: bin"
	if ctx.Err() != nil {
		return nil, canceledError(ctx, op, "")
	}
	err = e.withState(op, "", func(st *state) error {
		views = st.bin.view()
		return nil
	})
	return views, err
}
