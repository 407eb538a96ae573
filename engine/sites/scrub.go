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
	scrubBatch = scrubRate * int64(tickInterval) / int64(time.Second)

	scrubScanInterval = 2 * time.Second  // how often all torrents are looked at to find something to do
	scrubStatInterval = 24 * time.Hour   // how often the sizes and times of a torrent's files are looked at
	scrubWaitInterval = 10 * time.Second // how often it is asked whether something is in the way
	scrubRetryAfter   = time.Hour        // how long a torrent whose files cannot be opened is left alone
	scrubSaveInterval = 10 * time.Minute // how often the position in a torrent is written down
	scrubShowInterval = 15 * time.Second // how often what has been read is shown
	scrubMaxPause     = time.Hour        // no pause is longer: the clock was set back
)

// scrub reads finished data again, slowly and one torrent after the other, and compares it with its hashes, so that
// what rots on the disk is noticed while others still have it. Torrents are taken up in the order in which they were
// read last. Files whose size or time has changed are read sooner, and at once; see scrub_files.go.
type scrubber struct {
	cfg      *Config
	owner    *owner
	events   *eventLog
	journal  *journal
	torrents *torrents
	own      *publications

	// running says that files are being read or looked at; it goes on at next.
	running bool
	nextAt  time.Time
	// current is what is being read; nil for nothing.
	current *torrent
	// chosen is when all torrents were looked at last to find it.
	chosenAt time.Time
	// waiting is why it waits, as ScrubWait said at asked.
	waitReason  string
	waitAskedAt time.Time
	shownAt     time.Time
	// What was read in this run.
	bytes, pieces, damaged int64
}

// upkeep is what is known of a torrent's finished data.
type scrubState struct {
	// check is what the database has or, saved says when, is to have; without an infohash while it has nothing.
	check   store.DataCheck
	savedAt time.Time
	// looked is when the files were looked at last in this run; zero for never. wanting says that the torrent was not
	// complete at some time since.
	filesCheckedAt time.Time
	wasIncomplete  bool
	// lost is when damaged pieces were found last: what is known since before does not tell that they are back.
	damagedAt time.Time
	// rest is until when it is left alone.
	pausedUntil time.Time
	// found counts the damaged pieces of this check and told those that were told.
	damaged, reported int
}

// needsFileCheck says that it is time to look at the files.
func (u *scrubState) needsFileCheck(now time.Time) bool {
	return u.filesCheckedAt.IsZero() || u.wasIncomplete || now.Sub(u.filesCheckedAt) >= scrubStatInterval || now.Before(u.filesCheckedAt)
}

func (u *scrubState) isPaused(now time.Time) bool {
	return now.Before(u.pausedUntil) && u.pausedUntil.Sub(now) <= scrubMaxPause
}

func newScrub(cfg *Config, o *owner, n *eventLog, j *journal, ts *torrents, own *publications) *scrubber {
	return &scrubber{cfg: cfg, owner: o, events: n, journal: j, torrents: ts, own: own}
}

// pass lets time pass.
func (s *scrubber) onTick(now time.Time) {
	wait := s.nextAt.Sub(now)
	if s.cfg.ScrubEvery <= 0 || s.running || wait > 0 && wait <= scrubMaxPause {
		return
	}
	from := now // Ticks come late, and must not make it slower.
	if -wait < tickInterval {
		from = s.nextAt
	}
	s.nextAt = now.Add(scrubScanInterval)
	look, due := (*torrent)(nil), s.current
	if due == nil || !s.canRead(due, now) || now.Sub(s.chosenAt) >= scrubScanInterval || now.Before(s.chosenAt) {
		look, due = s.chooseTorrents(now)
		s.chosenAt = now
	}
	switch {
	case look != nil:
		s.checkFiles(look, now)
	case due != nil:
		s.readPieces(due, now, from)
	default:
		s.setCurrent(nil, "", now)
	}
}

// choose finds the torrent whose files are to be looked at, and the one that is to be read.
func (s *scrubber) chooseTorrents(now time.Time) (look, due *torrent) {
	for _, t := range s.torrents.byHash {
		u := &t.scrub
		if !t.isIdle() {
			u.wasIncomplete = u.wasIncomplete || t.ready && !t.complete
			continue
		}
		switch {
		case !t.complete:
			u.wasIncomplete = true
		case u.filesCheckedAt.IsZero() && !u.wasIncomplete:
			s.compareFiles(t, now)
		}
		if u.isPaused(now) {
			continue
		}
		if t.complete && t.statsAt.After(u.damagedAt) && u.needsFileCheck(now) {
			look = t
		}
		if s.isDue(u.check, now) && (due == nil || u.check.At.Before(due.scrub.check.At)) {
			due = t
		}
	}
	return look, due
}

// canRead reports whether a torrent that has been chosen can still be read.
func (s *scrubber) canRead(t *torrent, now time.Time) bool {
	return t.isIdle() && !t.scrub.isPaused(now) && s.isDue(t.scrub.check, now)
}

func (s *scrubber) isDue(c store.DataCheck, now time.Time) bool {
	return c.Infohash != "" && (now.Sub(c.At) >= s.cfg.ScrubEvery || now.Before(c.At))
}

// batch is some pieces of a torrent that are read in one go.
type batch struct {
	t      *torrent
	joined swarm.Torrent
	// waiting is why nothing was read.
	waitReason string

	bytes   int64
	pieces  int64
	damaged int
	err     error
}

// scrub reads a piece. It reports false when that cannot go on.
func (b *batch) readPiece(ctx context.Context, piece int) bool {
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
func (s *scrubber) readPieces(t *torrent, now, from time.Time) {
	u := &t.scrub
	if u.check.Next == 0 || u.check.Next >= t.info.Pieces {
		u.check.Next, u.check.Began = 0, now
	}
	if u.savedAt.IsZero() {
		u.savedAt = now
	}
	s.running = true
	b, piece, began := &batch{t: t, joined: t.joined}, u.check.Next, u.check.Began
	ask := s.cfg.ScrubWait != nil && (s.waitReason != "" || now.Sub(s.waitAskedAt) >= scrubWaitInterval || now.Before(s.waitAskedAt))
	pieces := t.info.Pieces
	s.owner.startTask(func() {
		if ask {
			if b.waitReason = s.cfg.ScrubWait(); b.waitReason != "" {
				return
			}
		}
		for ; piece < pieces && b.bytes < scrubBatch && b.readPiece(s.owner.ctx, piece); piece++ {
		}
	}, func() {
		s.running = false
		if ask {
			s.waitAskedAt = now
		}
		if b.waitReason != "" {
			s.nextAt = now.Add(scrubWaitInterval)
			s.setCurrent(t, b.waitReason, now)
			return
		}
		s.nextAt = laterOf(from.Add(time.Duration(b.bytes)*time.Second/scrubRate), now.Add(scrubShare*s.cfg.Clock.Now().Sub(now)))
		if !s.addBatch(b, now) || u.check.Began != began { // or it was verified meanwhile
			return
		}
		if u.check.Next = piece; piece < pieces {
			s.reportDamage(t, false)
			s.setCurrent(t, "", now)
			if now.Sub(u.savedAt) >= scrubSaveInterval {
				s.saveCheck(t)
			}
			return
		}
		s.reportDamage(t, true)
		u.check.At, u.check.Next, u.check.Began = began, 0, time.Time{}
		s.saveCheck(t)
		s.events.changed = true
	})
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// take counts what was read. It reports false for a torrent that cannot go on now.
func (s *scrubber) addBatch(b *batch, now time.Time) bool {
	s.bytes += b.bytes
	s.pieces += b.pieces
	s.damaged += int64(b.damaged)
	if b.t.joined != b.joined {
		return false
	}
	if b.damaged > 0 {
		b.t.scrub.damaged += b.damaged
		b.t.scrub.wasIncomplete, b.t.scrub.damagedAt = true, s.cfg.Clock.Now()
		b.t.markLost(b.damaged)
		s.torrents.pollQueue.markActive(b.t)
	}
	if b.err != nil && s.owner.ctx.Err() == nil {
		b.t.scrub.pausedUntil = now.Add(scrubRetryAfter)
		s.cfg.Logger.Warn("sites: finished data cannot be read, trying again in an hour",
			"infohash", b.t.infohash, "err", b.err)
		s.reportDamage(b.t, false)
	}
	return b.err == nil
}

// show shows what is being read, nil for nothing, and why it waits. Numbers are not shown each time that they change.
func (s *scrubber) setCurrent(t *torrent, waiting string, now time.Time) {
	if t != s.current || waiting != s.waitReason || t != nil && (now.Sub(s.shownAt) >= scrubShowInterval || now.Before(s.shownAt)) {
		s.current, s.waitReason, s.shownAt = t, waiting, now
		s.events.changed = true
	}
}

func (s *scrubber) view() engine.Scrub {
	v := engine.Scrub{
		Period: int64(s.cfg.ScrubEvery / time.Second), Waiting: s.waitReason,
		Bytes: s.bytes, Pieces: s.pieces, Damaged: s.damaged,
	}
	if t := s.current; t != nil && t.ready && t.info.Pieces > 0 {
		for user := range t.users {
			v.Host = user.row.Host
		}
		v.Done = float64(t.scrub.check.Next) / float64(t.info.Pieces)
	}
	var oldest time.Time
	for _, t := range s.torrents.byHash {
		switch at := t.scrub.check.At; {
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
func (s *scrubber) saveCheck(t *torrent) {
	check := t.scrub.check
	t.scrub.savedAt = s.cfg.Clock.Now()
	s.journal.enqueue(storeChange{apply: func(tx *store.Tx) error { return tx.PutDataCheck(check) }})
}

// savePosition writes down how far a torrent has been read, before it leaves or the engine ends.
func (s *scrubber) savePosition(t *torrent) {
	if t.scrub.check.Next > 0 && !t.discard {
		s.saveCheck(t)
	}
}

// verified notes that all data of a torrent was hashed since began, when its files looked so.
func (s *scrubber) handleVerified(t *torrent, joined swarm.Torrent, look swarm.Look, began time.Time) {
	if t.joined != joined || t.scrub.check.Infohash == "" && !t.complete {
		return
	}
	t.scrub.check = store.DataCheck{Infohash: t.infohash, At: began, Stamp: look.Stamp, Newest: look.Newest}
	t.scrub.filesCheckedAt, t.scrub.wasIncomplete = began, !t.complete
	s.saveCheck(t)
	s.events.changed = true
}

// published is what is known of the data of a version that was just published.
func (s *scrubber) newCheck(in installation) store.DataCheck {
	check := store.DataCheck{Infohash: in.infohash, At: in.now}
	if base := s.torrents.byHash[in.base]; base != nil { // Some files are the same, and have not been read again.
		check.At = base.scrub.check.At
	}
	return check
}
