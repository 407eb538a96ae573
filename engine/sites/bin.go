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

// bin has the sites that a person has sent away. They are in no swarm and not shown, and everything of them stays until
// their time is over or their space is needed. It is also the way by which sites leave for good.
type bin struct {
	cfg      *Config
	news     *news
	journal  *journal
	roster   *roster
	swarm    *membership
	own      *publications
	removals *removals
	folders  *folders
	// pressed is when it was last emptied because the disk was full.
	pressed time.Time
}

const (
	// pressEvery is how often the bin is emptied of pressBytes while the disk is full. The swarm needs some time to see
	// that there is room again.
	pressEvery = 5 * time.Second
	pressBytes = 256 << 20
)

// put sends a site away, with its history if it is removed.
func (b *bin) put(s *site, now time.Time, removed bool) {
	s.row.EvictedAt, s.row.Removed, s.row.BinBytes = now, removed, b.weigh(s)
	delete(b.roster.here, s.row.Host)
	b.roster.binned[s.row.Host] = s
	b.journal.mark(s)
	b.swarm.leave(s, false)
}

// weigh is how much of what the site has on disk no other one has.
func (b *bin) weigh(s *site) (sum int64) {
	for _, t := range s.torrents() {
		switch {
		case len(t.users) > 1 || b.own.inPlace(s.row.Host, t.infohash) != nil:
		case t.ready && (t.last.Checking || s.row.Found): // Nobody knows how much of it is there.
			sum += t.info.Size
		default:
			sum += t.last.Completed
		}
	}
	return sum
}

// restore brings a site back; the caller enters it. It stays for a minute at least, whatever was left of its time.
func (b *bin) restore(s *site, now time.Time) {
	delete(b.roster.binned, s.row.Host)
	b.roster.here[s.row.Host] = s
	s.row.EvictedAt, s.row.Removed, s.row.BinBytes = time.Time{}, false, 0
	if soonest := now.Add(min(time.Minute, b.cfg.CacheTTL)); !s.row.Pinned && !s.row.Found && s.row.ExpiresAt.Before(soonest) {
		s.row.ExpiresAt = soonest
	}
	b.journal.mark(s)
	b.news.record(s, engine.Info, engine.Restored, "brought back")
}

// reopen is restore for a site that somebody opens who need not know that it was there before: one that was removed is
// not pinned, unless it was published here, nor paused.
func (b *bin) reopen(s *site, now time.Time) {
	if s.row.Removed {
		s.row.Pinned, s.row.Paused = s.row.Mine, s.row.Found
	}
	b.restore(s, now)
}

// period is how long a site lies in the bin.
func (b *bin) period(s *site) time.Duration {
	if s.row.Removed {
		return b.cfg.Bin
	}
	return max(b.cfg.Bin, engine.UndoPeriod)
}

// period tells a person how long a site that is sent away can come back.
func (b *bin) tellPeriod() string {
	if b.cfg.Bin == 0 {
		return ""
	}
	return "; it lies in the bin for " + shortTime(b.cfg.Bin)
}

// used is how many bytes lie in the bin.
func (b *bin) used() (sum int64) {
	for _, s := range b.roster.binned {
		sum += s.row.BinBytes
	}
	return sum
}

// pass deletes what has been in the bin for its time, and the oldest of what takes more than it may; pressed says
// that a site needs space on a disk that is full.
func (b *bin) pass(now time.Time, pressed bool) {
	b.empty(engine.Info, "their time in the bin is over", pick(b.roster.binned, func(s *site) bool {
		return now.Sub(s.row.EvictedAt) >= b.period(s)
	}))
	if over := b.used() - b.cfg.CacheSize; b.cfg.CacheSize > 0 && over > 0 {
		// What was sent away last stays: else nothing that is larger than the cache could come back.
		b.empty(engine.Warning, "the bin was larger than the cache may be", b.oldest(now, over, 1))
	}
	if pressed && now.Sub(b.pressed) >= pressEvery {
		b.pressed = now
		b.empty(engine.Warning, "the disk is full", b.oldest(now, pressBytes, 0))
	}
}

// oldest gives the sites that were sent away longest ago and together take so many bytes, if there are that many; but
// none that may be coming back right now, and not those that were sent away last, as many as are spared.
func (b *bin) oldest(now time.Time, bytes int64, spared int) (picked []*site) {
	all := pick(b.roster.binned, func(s *site) bool { return s.row.BinBytes > 0 })
	slices.SortFunc(all, byAge)
	for _, s := range all[:max(0, len(all)-spared)] {
		if bytes <= 0 || now.Sub(s.row.EvictedAt) < engine.UndoPeriod {
			break
		}
		picked = append(picked, s)
		bytes -= s.row.BinBytes
	}
	return picked
}

// byAge sorts what was sent away first to the front.
func byAge(a, b *site) int {
	return cmp.Or(a.row.EvictedAt.Compare(b.row.EvictedAt), cmp.Compare(a.row.Host, b.row.Host))
}

// empty deletes sites that lie in the bin.
func (b *bin) empty(level engine.Level, why string, sites []*site) {
	var bytes int64
	for _, s := range sites {
		bytes += s.row.BinBytes
		b.removals.add(s.row.Host)
		b.drop(s)
	}
	switch len(sites) {
	case 0:
	case 1:
		b.news.record(sites[0], level, engine.Noticed, "deleted from the bin ("+engine.Bytes(bytes)+"): "+why)
	default:
		text := fmt.Sprintf("%d sites were deleted from the bin (%s): %s", len(sites), engine.Bytes(bytes), why)
		b.news.record(nil, level, engine.Noticed, text)
	}
}

// emptyBin deletes the oldest of what lies in the bin to make room for so many bytes, and reports whether there was
// that much, when it is gone. Where there is not enough it deletes nothing.
func (a *asker) emptyBin(ctx context.Context, bytes int64) bool {
	const op = "sites: empty the bin"
	enough := false
	written, gone := make(chan error, 1), make(chan error, 1)
	err := a.ask(op, "", func(st *state) error {
		picked := st.bin.oldest(st.clock.Now(), bytes, 0)
		for _, s := range picked {
			bytes -= s.row.BinBytes
		}
		if enough = bytes <= 0; enough {
			st.bin.empty(engine.Warning, "its space is needed", picked)
			st.journal.flush(func(error) { written <- nil })
		}
		return nil
	})
	if err != nil || !enough || await(ctx, op, "", written) != nil {
		return false
	}
	err = a.ask(op, "", func(st *state) error {
		st.torrents.whenAtRest(func() { gone <- nil })
		return nil
	})
	return err == nil && await(ctx, op, "", gone) == nil
}

// drop deletes a site whose time has come; its history stays, unless it was removed. The row goes before the data:
// should we be killed on the way, its grave tells the next start that the data may go. A row that cannot be taken away
// is tried again, and the data goes meanwhile, since it may be what fills the disk.
func (b *bin) drop(s *site) {
	host, grave, forget := s.row.Host, b.folders.graveOf(s.row), (*store.Tx).DeleteSite
	if s.row.Removed {
		forget = (*store.Tx).Forget
	}
	hashes := b.takeOut(s)
	b.folders.bury(grave)
	b.journal.change(part{
		change: func(tx *store.Tx) error { return errors.Join(forget(tx, host), tx.PutGrave(grave)) },
		done:   func(error) { b.swarm.letGo(hashes...) },
		again:  func() bool { return b.roster.either(host) == nil },
	})
}

// remove deletes a site and its history, because a person says so: once that is written down, or not at all.
func (b *bin) remove(s *site, done func(error)) {
	host, grave := s.row.Host, b.folders.graveOf(s.row)
	s.frozen++
	b.journal.change(part{
		change: func(tx *store.Tx) error { return errors.Join(tx.Forget(host), tx.PutGrave(grave)) },
		done: func(err error) {
			s.frozen--
			if err == nil && b.roster.either(host) == s {
				b.swarm.letGo(b.takeOut(s)...)
				b.folders.bury(grave)
				b.removals.add(host)
			}
			done(err)
		},
	})
}

// takeOut takes a site out of everything, and gives the infohashes that it had.
func (b *bin) takeOut(s *site) []string {
	b.roster.remove(s)
	b.journal.forget(s)
	b.own.forget(s.row.Host)
	b.swarm.leave(s, true)
	b.news.changed = true
	return append(s.hashes(), s.row.Infohash)
}

func (b *bin) status() engine.Bin {
	return engine.Bin{Period: int64(b.cfg.Bin / time.Second), Sites: len(b.roster.binned), Bytes: b.used()}
}

// view gives what lies in the bin, the newest first.
func (b *bin) view() []engine.Binned {
	all := pick(b.roster.binned, func(*site) bool { return true })
	slices.SortFunc(all, func(a, b *site) int { return byAge(b, a) })
	views := make([]engine.Binned, len(all))
	for i, s := range all {
		views[i] = engine.Binned{
			Host: s.row.Host, URL: s.url, Infohash: s.row.Infohash, Title: s.row.Title,
			Pinned: s.row.Pinned, Mine: s.row.Mine, Removed: s.row.Removed, Bytes: s.row.BinBytes,
			Since: engine.At(s.row.EvictedAt), Until: engine.At(s.row.EvictedAt.Add(b.period(s))),
		}
	}
	return views
}

// Bin implements engine.Engine.
func (e *Engine) Bin(ctx context.Context) (views []engine.Binned, err error) {
	const op = "sites: bin"
	if ctx.Err() != nil {
		return nil, late(ctx, op, "")
	}
	err = e.ask(op, "", func(st *state) error {
		views = st.bin.view()
		return nil
	})
	return views, err
}
