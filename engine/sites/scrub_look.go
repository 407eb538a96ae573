package sites

import (
	"fmt"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// compare compares how the files of a torrent that was complete at once looked when it was joined with how they looked
// last. If that is the same, or nobody has looked before, they need not be looked at now.
func (s *scrub) compare(t *torrent, now time.Time) {
	u := &t.upkeep
	found, believed := t.joined.FilesAtOpen()
	if !believed || u.check.Stamp == 0 {
		s.accept(t, found, now)
	} else if found.Stamp == u.check.Stamp {
		u.looked = now
	}
}

// accept takes it that the files are right as they look now. When all of them were hashed since they were joined,
// that is when they were checked last.
func (s *scrub) accept(t *torrent, look swarm.FilesState, now time.Time) {
	u, before := &t.upkeep, t.upkeep.check
	u.check.Infohash, u.check.Stamp, u.check.Newest = t.infohash, look.Stamp, look.Newest
	if _, believed := t.joined.FilesAtOpen(); !believed && u.looked.IsZero() {
		u.check.At, u.check.Next, u.check.Began = now, 0, time.Time{}
	}
	u.looked, u.wanting = now, false
	if u.check != before {
		s.save(t)
		s.news.changed = true
	}
}

// look looks at the files of a torrent. Those that others have written to since the last time are read at once, and at
// full speed: they are few, and likely wrong. If something else is not as it was, all are due.
func (s *scrub) look(t *torrent, now time.Time) {
	u := &t.upkeep
	b, last := &batch{t: t, joined: t.joined}, u.check
	_, believed := t.joined.FilesAtOpen()
	fresh := last.Stamp == 0 || !believed && u.looked.IsZero() // hashed a moment ago, or never looked at
	s.running = true
	var look swarm.FilesState
	s.owner.task(func() {
		if look, b.err = b.joined.StatFiles(last.Newest); b.err != nil || fresh {
			return
		}
		for _, piece := range look.Changed {
			if !b.scrub(s.owner.ctx, piece) {
				return
			}
		}
	}, func() {
		s.running = false
		if !s.take(b, now) {
			return
		}
		if !fresh && look.Stamp != last.Stamp && len(look.Changed) == 0 && !look.Own {
			u.check.At, u.check.Next, u.check.Began = time.Time{}, 0, time.Time{}
		}
		s.accept(t, look, now)
		u.wanting = b.damaged > 0
		s.tell(t, true)
	})
}

// tell tells the sites of a torrent what was found: at first, and in the end if that is more.
func (s *scrub) tell(t *torrent, ended bool) {
	u := &t.upkeep
	if n := u.found; n > u.told && (u.told == 0 || ended) {
		text := describeDamage(n, t.info)
		if u.told > 0 {
			text = "all has been read: " + text
		}
		u.told = n
		for user := range t.users {
			level, advice := s.advise(user, t)
			s.news.record(user, level, engine.Noticed, text+advice)
		}
		if joined := t.joined; !t.paused {
			s.owner.task(joined.Announce, func() {})
		}
	}
	if ended {
		u.found, u.told = 0, 0
	}
}

// advise says what becomes of the damaged pieces of a site, and what a person has to do.
func (s *scrub) advise(user *site, t *torrent) (engine.Level, string) {
	record, mine := s.own.byHost[user.row.Host]
	mine = mine && s.own.has(user) && record.Infohash == t.infohash
	switch {
	case mine && record.InPlace:
		return engine.Problem, ": " + engine.Clean(record.Dir) +
			" does not hold any more what was published: publish it again, or put the files back and verify"
	case t.paused:
		return engine.Warning, ": fetched again when it is resumed"
	case t.last.Seeds > 0 || t.last.Copies > 0: // Complete copies do not stay connected to each other.
		return engine.Warning, ": fetched again"
	case mine:
		return engine.Problem, ", and this may be the only copy: publish " + engine.Clean(record.Dir) +
			" again, unless it is complete before"
	}
	return engine.Warning, ": fetched again from whoever has it"
}

func describeDamage(n int, info *swarm.Info) string {
	size := engine.Bytes(min(int64(n)*info.PieceLength, info.Size))
	if n == 1 {
		return "1 piece (" + size + ") was damaged on the disk"
	}
	return fmt.Sprintf("%d pieces (%s) were damaged on the disk", n, size)
}
