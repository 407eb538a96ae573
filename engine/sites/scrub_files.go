package sites

import (
	"fmt"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// compareFiles compares the sizes and times of a complete torrent's files when it was joined with the last known ones.
// If they are equal they need not be checked now.
func (s *scrubber) compareFiles(t *torrent, now time.Time) {
	u := &t.scrub
	found, believed := t.joined.FilesAtOpen()
	if !believed || u.check.Stamp == 0 {
		s.acceptFiles(t, found, now)
	} else if found.Stamp == u.check.Stamp {
		u.filesCheckedAt = now
	}
}

// acceptFiles records that the files are right as they are now. If all of them were hashed since they were joined, that
// counts as a check of the data.
func (s *scrubber) acceptFiles(t *torrent, look swarm.FilesState, now time.Time) {
	u, before := &t.scrub, t.scrub.check
	u.check.Infohash, u.check.Stamp, u.check.Newest = t.infohash, look.Stamp, look.Newest
	if _, believed := t.joined.FilesAtOpen(); !believed && u.filesCheckedAt.IsZero() {
		u.check.At, u.check.Next, u.check.Began = now, 0, time.Time{}
	}
	u.filesCheckedAt, u.wasIncomplete = now, false
	if u.check != before {
		s.saveCheck(t)
		s.events.changed = true
	}
}

// checkFiles checks the sizes and times of a torrent's files. Files that others have written to since the last check
// are read at once and at full speed: they are few, and probably damaged. If something else has changed, all of the
// torrent is due for reading.
func (s *scrubber) checkFiles(t *torrent, now time.Time) {
	u := &t.scrub
	b, last := &batch{t: t, joined: t.joined}, u.check
	_, believed := t.joined.FilesAtOpen()
	fresh := last.Stamp == 0 || !believed && u.filesCheckedAt.IsZero() // hashed a moment ago, or never checked
	s.running = true
	var look swarm.FilesState
	s.owner.startTask(func() {
		if look, b.err = b.joined.StatFiles(last.Newest); b.err != nil || fresh {
			return
		}
		for _, piece := range look.Changed {
			if !b.readPiece(s.owner.ctx, piece) {
				return
			}
		}
	}, func() {
		s.running = false
		if !s.addBatch(b, now) {
			return
		}
		if !fresh && look.Stamp != last.Stamp && len(look.Changed) == 0 && !look.Own {
			u.check.At, u.check.Next, u.check.Began = time.Time{}, 0, time.Time{}
		}
		s.acceptFiles(t, look, now)
		u.wasIncomplete = b.damaged > 0
		s.reportDamage(t, true)
	})
}

// reportDamage reports damage to the sites of a torrent: when it is first found, and at the end if there is more.
func (s *scrubber) reportDamage(t *torrent, ended bool) {
	u := &t.scrub
	if n := u.damaged; n > u.reported && (u.reported == 0 || ended) {
		text := describeDamage(n, t.info)
		if u.reported > 0 {
			text = "all has been read: " + text
		}
		u.reported = n
		for user := range t.users {
			level, advice := s.describeRepair(user, t)
			s.events.record(user, level, engine.Noticed, text+advice)
		}
		if joined := t.joined; !t.paused {
			s.owner.startTask(joined.Announce, func() {})
		}
	}
	if ended {
		u.damaged, u.reported = 0, 0
	}
}

// describeRepair returns how the damaged pieces of a site are repaired, and what a person has to do.
func (s *scrubber) describeRepair(user *site, t *torrent) (engine.Level, string) {
	record, mine := s.own.byHost[user.row.Host]
	mine = mine && s.own.isOwn(user) && record.Infohash == t.infohash
	switch {
	case mine && record.InPlace:
		return engine.Problem, ": " + engine.Clean(record.Dir) +
			" does not hold any more what was published: publish it again, or put the files back and verify"
	case t.paused:
		return engine.Warning, ": fetched again when it is resumed"
	case t.stats.Seeds > 0 || t.stats.Copies > 0: // Complete copies do not stay connected to each other.
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
