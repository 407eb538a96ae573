package sites

import (
	"context"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

const (
	// Finished data is read at no more than scrubRate bytes per second, during no more than 1/scrubShare of the time.
	scrubRate  = 2_000_000
	scrubShare = 100
	// scrubBatch is how many bytes are read at a time, unless a piece is larger: the bytes of one tick.
	scrubBatch = scrubRate * int64(tickInterval) / int64(time.Second)

	scrubScanInterval = 2 * time.Second  // how often all torrents are checked for something to do
	scrubStatInterval = 24 * time.Hour   // how often the sizes and times of a torrent's files are checked
	scrubWaitInterval = 10 * time.Second // how often Config.ScrubWait is called
	scrubRetryAfter   = time.Hour        // pause of a torrent whose files cannot be opened
	scrubSaveInterval = 10 * time.Minute // how often the position in a torrent is saved
	scrubShowInterval = 15 * time.Second // how often progress is shown
	scrubMaxPause     = time.Hour        // longest pause; a longer one means that the clock was set back
)

// scrubber reads finished data again, slowly and one torrent after the other, and compares it with its hashes, so that
// damage on the disk is noticed while others still have the data. The torrent that was checked longest ago comes first.
// Files whose size or time has changed are read sooner, and at full speed; see scrub_files.go.
type scrubber struct {
	cfg      *Config
	owner    *owner
	events   *eventLog
	journal  *journal
	torrents *torrents
	own      *publications

	// running reports whether files are being read or checked. The next step is at nextAt.
	running bool
	nextAt  time.Time
	// current is the torrent that is being read; nil if there is none.
	current *torrent
	// chosenAt is when all torrents were last checked to choose it.
	chosenAt time.Time
	// waitReason is why reading has to wait: the result of ScrubWait at waitAskedAt.
	waitReason  string
	waitAskedAt time.Time
	shownAt     time.Time
	// Totals of this run.
	bytes, pieces, damaged int64
}

// scrubState is what is known about a torrent's finished data.
type scrubState struct {
	// check is what the database has, or will have; its Infohash is empty if there is nothing. savedAt is when it was
	// last saved.
	check   store.DataCheck
	savedAt time.Time
	// filesCheckedAt is when the files' sizes and times were last checked in this run; zero if never. wasIncomplete
	// reports whether the torrent was incomplete at some time since.
	filesCheckedAt time.Time
	wasIncomplete  bool
	// damagedAt is when damaged pieces were last found. Statistics from before do not show that they have been fetched
	// again.
	damagedAt time.Time
	// pausedUntil is until when the torrent is not read.
	pausedUntil time.Time
	// damaged counts the damaged pieces of this check, and reported those of them that were reported.
	damaged, reported int
}

// needsFileCheck reports whether the files' sizes and times must be checked now.
func (u *scrubState) needsFileCheck(now time.Time) bool {
	return u.filesCheckedAt.IsZero() || u.wasIncomplete ||
		now.Sub(u.filesCheckedAt) >= scrubStatInterval || now.Before(u.filesCheckedAt)
}

func (u *scrubState) isPaused(now time.Time) bool {
	return now.Before(u.pausedUntil) && u.pausedUntil.Sub(now) <= scrubMaxPause
}

func newScrub(cfg *Config, o *owner, n *eventLog, j *journal, ts *torrents, own *publications) *scrubber {
	return &scrubber{cfg: cfg, owner: o, events: n, journal: j, torrents: ts, own: own}
}

// onTick does what is due.
func (s *scrubber) onTick(now time.Time) {
	wait := s.nextAt.Sub(now)
	if s.cfg.ScrubEvery <= 0 || s.running || wait > 0 && wait <= scrubMaxPause {
		return
	}
	from := now // Late ticks must not reduce the rate.
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

// chooseTorrents returns the torrent whose files must be checked, and the one that must be read.
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

// batch is some pieces of a torrent that are read in one task.
type batch struct {
	t      *torrent
	joined swarm.Torrent
	// waitReason is why nothing was read.
	waitReason string

	bytes   int64
	pieces  int64
	damaged int
	err     error
}

// readPiece reads and checks a piece. It returns false if reading cannot go on.
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

// readPieces reads the next pieces of a torrent that is due. from is when that became possible.
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
	ask := s.cfg.ScrubWait != nil &&
		(s.waitReason != "" || now.Sub(s.waitAskedAt) >= scrubWaitInterval || now.Before(s.waitAskedAt))
	pieces := t.info.Pieces
	s.owner.startTask(func() {
		if ask {
			if b.waitReason = s.cfg.ScrubWait(); b.waitReason != "" {
				return
			}
		}
		for piece < pieces && b.bytes < scrubBatch && b.readPiece(s.owner.ctx, piece) {
			piece++
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
		atRate := from.Add(time.Duration(b.bytes) * time.Second / scrubRate)
		s.nextAt = laterOf(atRate, now.Add(scrubShare*s.cfg.Clock.Now().Sub(now)))
		if !s.addBatch(b, now) || u.check.Began != began { // or all of it was verified meanwhile
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

// addBatch handles what was read. It returns false if the torrent cannot be read further now.
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

// setCurrent sets what is being read, nil for nothing, and why it waits. Progress is shown only every
// scrubShowInterval.
func (s *scrubber) setCurrent(t *torrent, waiting string, now time.Time) {
	showDue := now.Sub(s.shownAt) >= scrubShowInterval || now.Before(s.shownAt)
	if t != s.current || waiting != s.waitReason || t != nil && showDue {
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

// saveCheck saves what is known about a torrent's data.
func (s *scrubber) saveCheck(t *torrent) {
	check := t.scrub.check
	t.scrub.savedAt = s.cfg.Clock.Now()
	s.journal.enqueue(storeChange{apply: func(tx *store.Tx) error { return tx.PutDataCheck(check) }})
}

// savePosition saves how far a torrent has been read, before it leaves its swarm or the engine ends.
func (s *scrubber) savePosition(t *torrent) {
	if t.scrub.check.Next > 0 && !t.discard {
		s.saveCheck(t)
	}
}

// handleVerified records that all data of a torrent was hashed. That began at began, when its files looked like look.
func (s *scrubber) handleVerified(t *torrent, joined swarm.Torrent, look swarm.FilesState, began time.Time) {
	if t.joined != joined || t.scrub.check.Infohash == "" && !t.complete {
		return
	}
	t.scrub.check = store.DataCheck{Infohash: t.infohash, At: began, Stamp: look.Stamp, Newest: look.Newest}
	t.scrub.filesCheckedAt, t.scrub.wasIncomplete = began, !t.complete
	s.saveCheck(t)
	s.events.changed = true
}

// newCheck returns what is known about the data of a version that was just published.
func (s *scrubber) newCheck(in installation) store.DataCheck {
	check := store.DataCheck{Infohash: in.infohash, At: in.now}
	if base := s.torrents.byHash[in.base]; base != nil { // Files taken from the base have not been read again.
		check.At = base.scrub.check.At
	}
	return check
}
