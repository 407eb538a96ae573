package sites

import (
	"context"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

const (
	// Finished data is read at scrubRate bytes per second at most, and during at most a part in scrubShare of the time.
	scrubRate  = 2_000_000
	scrubShare = 100
	// scrubBatch is how many bytes are read at a time, if a piece is not larger: as many as may be in a tick.
	scrubBatch = scrubRate * int64(tick) / int64(time.Second)

	scrubIdle    = 2 * time.Second  // how often all torrents are looked at to find something to do
	scrubLook    = 24 * time.Hour   // how often the sizes and times of a torrent's files are looked at
	scrubAsk     = 10 * time.Second // how often it is asked whether something is in the way
	scrubRetry   = time.Hour        // how long a torrent whose files cannot be opened is left alone
	scrubSave    = 10 * time.Minute // how often the position in a torrent is written down
	scrubTell    = 15 * time.Second // how often what has been read is shown
	scrubLongest = time.Hour        // no pause is longer: the clock was set back
)

// scrub reads finished data again, slowly and one torrent after the other, and compares it with its hashes, so that
// what rots on the disk is noticed while others still have it. Torrents are taken up in the order in which they were
// read last. Files whose size or time has changed are read sooner, and at once; see scrub_look.go.
type scrub struct {
	cfg      *Config
	owner    *owner
	news     *news
	journal  *journal
	torrents *torrents
	own      *publications

	// running says that files are being read or looked at; it goes on at next.
	running bool
	next    time.Time
	// current is what is being read; nil for nothing.
	current *torrent
	// chosen is when all torrents were looked at last to find it.
	chosen time.Time
	// waiting is why it waits, as ScrubWait said at asked.
	waiting string
	asked   time.Time
	shown   time.Time
	// What was read in this run.
	bytes, pieces, damaged int64
}

// upkeep is what is known of a torrent's finished data.
type upkeep struct {
	// check is what the database has or, saved says when, is to have; without an infohash while it has nothing.
	check store.DataCheck
	saved time.Time
	// looked is when the files were looked at last in this run; zero for never. wanting says that the torrent was not
	// complete at some time since.
	looked  time.Time
	wanting bool
	// lost is when damaged pieces were found last: what is known since before does not tell that they are back.
	lost time.Time
	// rest is until when it is left alone.
	rest time.Time
	// found counts the damaged pieces of this check and told those that were told.
	found, told int
}

// wantsLook says that it is time to look at the files.
func (u *upkeep) wantsLook(now time.Time) bool {
	return u.looked.IsZero() || u.wanting || now.Sub(u.looked) >= scrubLook || now.Before(u.looked)
}

func (u *upkeep) isLeftAlone(now time.Time) bool {
	return now.Before(u.rest) && u.rest.Sub(now) <= scrubLongest
}

func newScrub(cfg *Config, o *owner, n *news, j *journal, ts *torrents, own *publications) *scrub {
	return &scrub{cfg: cfg, owner: o, news: n, journal: j, torrents: ts, own: own}
}

// pass lets time pass.
func (s *scrub) pass(now time.Time) {
	wait := s.next.Sub(now)
	if s.cfg.ScrubEvery <= 0 || s.running || wait > 0 && wait <= scrubLongest {
		return
	}
	from := now // Ticks come late, and must not make it slower.
	if -wait < tick {
		from = s.next
	}
	s.next = now.Add(scrubIdle)
	look, due := (*torrent)(nil), s.current
	if due == nil || !s.mayRead(due, now) || now.Sub(s.chosen) >= scrubIdle || now.Before(s.chosen) {
		look, due = s.choose(now)
		s.chosen = now
	}
	switch {
	case look != nil:
		s.look(look, now)
	case due != nil:
		s.read(due, now, from)
	default:
		s.show(nil, "", now)
	}
}

// choose finds the torrent whose files are to be looked at, and the one that is to be read.
func (s *scrub) choose(now time.Time) (look, due *torrent) {
	for _, t := range s.torrents.byHash {
		u := &t.upkeep
		if !t.isAtRest() {
			u.wanting = u.wanting || t.ready && !t.complete
			continue
		}
		switch {
		case !t.complete:
			u.wanting = true
		case u.looked.IsZero() && !u.wanting:
			s.compare(t, now)
		}
		if u.isLeftAlone(now) {
			continue
		}
		if t.complete && t.lastAt.After(u.lost) && u.wantsLook(now) {
			look = t
		}
		if s.isDue(u.check, now) && (due == nil || u.check.At.Before(due.upkeep.check.At)) {
			due = t
		}
	}
	return look, due
}

// mayRead reports whether a torrent that has been chosen can still be read.
func (s *scrub) mayRead(t *torrent, now time.Time) bool {
	return t.isAtRest() && !t.upkeep.isLeftAlone(now) && s.isDue(t.upkeep.check, now)
}

func (s *scrub) isDue(c store.DataCheck, now time.Time) bool {
	return c.Infohash != "" && (now.Sub(c.At) >= s.cfg.ScrubEvery || now.Before(c.At))
}

// batch is some pieces of a torrent that are read in one go.
type batch struct {
	t      *torrent
	joined swarm.Torrent
	// waiting is why nothing was read.
	waiting string

	bytes   int64
	pieces  int64
	damaged int
	err     error
}

// scrub reads a piece. It reports false when that cannot go on.
func (b *batch) scrub(ctx context.Context, piece int) bool {
	n, damaged, err := b.joined.Scrub(ctx, piece)
	b.bytes += n
	if n > 0 || damaged > 0 {
		b.pieces++
	}
	b.damaged += damaged
	b.err = err
	return err == nil
}

// read reads the next pieces of a torrent that is due; it could have done so since from.
func (s *scrub) read(t *torrent, now, from time.Time) {
	u := &t.upkeep
	if u.check.Next == 0 || u.check.Next >= t.info.Pieces {
		u.check.Next, u.check.Began = 0, now
	}
	if u.saved.IsZero() {
		u.saved = now
	}
	s.running = true
	b, piece, began := &batch{t: t, joined: t.joined}, u.check.Next, u.check.Began
	ask := s.cfg.ScrubWait != nil && (s.waiting != "" || now.Sub(s.asked) >= scrubAsk || now.Before(s.asked))
	pieces := t.info.Pieces
	s.owner.task(func() {
		if ask {
			if b.waiting = s.cfg.ScrubWait(); b.waiting != "" {
				return
			}
		}
		for ; piece < pieces && b.bytes < scrubBatch && b.scrub(s.owner.ctx, piece); piece++ {
		}
	}, func() {
		s.running = false
		if ask {
			s.asked = now
		}
		if b.waiting != "" {
			s.next = now.Add(scrubAsk)
			s.show(t, b.waiting, now)
			return
		}
		s.next = later(from.Add(time.Duration(b.bytes)*time.Second/scrubRate), now.Add(scrubShare*s.cfg.Clock.Now().Sub(now)))
		if !s.take(b, now) || u.check.Began != began { // or it was verified meanwhile
			return
		}
		if u.check.Next = piece; piece < pieces {
			s.tell(t, false)
			s.show(t, "", now)
			if now.Sub(u.saved) >= scrubSave {
				s.save(t)
			}
			return
		}
		s.tell(t, true)
		u.check.At, u.check.Next, u.check.Began = began, 0, time.Time{}
		s.save(t)
		s.news.changed = true
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// take counts what was read. It reports false for a torrent that cannot go on now.
func (s *scrub) take(b *batch, now time.Time) bool {
	s.bytes += b.bytes
	s.pieces += b.pieces
	s.damaged += int64(b.damaged)
	if b.t.joined != b.joined {
		return false
	}
	if b.damaged > 0 {
		b.t.upkeep.found += b.damaged
		b.t.upkeep.wanting, b.t.upkeep.lost = true, s.cfg.Clock.Now()
		b.t.lost(b.damaged)
		s.torrents.rota.stir(b.t)
	}
	if b.err != nil && s.owner.ctx.Err() == nil {
		b.t.upkeep.rest = now.Add(scrubRetry)
		s.cfg.Logger.Warn("sites: finished data cannot be read, trying again in an hour",
			"infohash", b.t.infohash, "err", b.err)
		s.tell(b.t, false)
	}
	return b.err == nil
}

// show shows what is being read, nil for nothing, and why it waits. Numbers are not shown each time that they change.
func (s *scrub) show(t *torrent, waiting string, now time.Time) {
	if t != s.current || waiting != s.waiting || t != nil && (now.Sub(s.shown) >= scrubTell || now.Before(s.shown)) {
		s.current, s.waiting, s.shown = t, waiting, now
		s.news.changed = true
	}
}

func (s *scrub) view() engine.Scrub {
	v := engine.Scrub{
		Period: int64(s.cfg.ScrubEvery / time.Second), Waiting: s.waiting,
		Bytes: s.bytes, Pieces: s.pieces, Damaged: s.damaged,
	}
	if t := s.current; t != nil && t.ready && t.info.Pieces > 0 {
		for user := range t.users {
			v.Host = user.row.Host
		}
		v.Done = float64(t.upkeep.check.Next) / float64(t.info.Pieces)
	}
	var oldest time.Time
	for _, t := range s.torrents.byHash {
		switch at := t.upkeep.check.At; {
		case !t.complete:
		case at.IsZero():
			v.Unchecked++
		case oldest.IsZero() || at.Before(oldest):
			oldest = at
		}
	}
	v.Oldest = engine.At(oldest)
	return v
}

// save writes down what is known of a torrent's checks.
func (s *scrub) save(t *torrent) {
	check := t.upkeep.check
	t.upkeep.saved = s.cfg.Clock.Now()
	s.journal.change(part{change: func(tx *store.Tx) error { return tx.PutDataCheck(check) }})
}

// keepPosition writes down how far a torrent has been read, before it leaves or the engine ends.
func (s *scrub) keepPosition(t *torrent) {
	if t.upkeep.check.Next > 0 && !t.doomed {
		s.save(t)
	}
}

// verified notes that all data of a torrent was hashed since began, when its files looked so.
func (s *scrub) verified(t *torrent, joined swarm.Torrent, look swarm.FilesState, began time.Time) {
	if t.joined != joined || t.upkeep.check.Infohash == "" && !t.complete {
		return
	}
	t.upkeep.check = store.DataCheck{Infohash: t.infohash, At: began, Stamp: look.Stamp, Newest: look.Newest}
	t.upkeep.looked, t.upkeep.wanting = began, !t.complete
	s.save(t)
	s.news.changed = true
}

// published is what is known of the data of a version that was just published.
func (s *scrub) published(in installation) store.DataCheck {
	check := store.DataCheck{Infohash: in.infohash, At: in.now}
	if base := s.torrents.byHash[in.base]; base != nil { // Some files are the same, and have not been read again.
		check.At = base.upkeep.check.At
	}
	return check
}
