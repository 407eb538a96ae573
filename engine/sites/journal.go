package sites

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// saveInterval is how long a deadline or total may stay unsaved, and how long after a failure it is tried again.
const saveInterval = 2 * time.Second

// journal writes down what has changed, while the state goes on: everything that came while one write was under way is
// the next one, in one transaction. Changes of one record are written in the order in which they were made.
type journal struct {
	owner *owner
	db    *store.DB
	// trouble is that something could not be written.
	failure *failure
	// written is told of each site whose row is on the disk, and which one was before.
	onRowWritten func(s *site, before store.Site)

	dirty    map[*site]struct{} // sites whose rows have changed
	waiters  []func(error)      // who waits for them
	changes  []storeChange      // changes of other records, in order
	failed   []storeChange      // those that are to be tried again
	flushDue bool               // somebody waits
	writing  bool
	lastTry  time.Time
	// rev is that of the row that was written last; see nextRev.
	rev int64
}

// part is a change, or nil, that succeeds or fails by itself; done, which may be nil, is called with how it went.
type storeChange struct {
	apply func(*store.Tx) error
	done  func(error)
	// again is asked whether a change that has failed is to be made still; nil for no.
	retryIf func() bool
}

// mark says that a site's row has changed. It is written before long.
func (j *journal) markDirty(s *site) { j.dirty[s] = struct{}{} }

// forget leaves the row of a site that is gone unwritten.
func (j *journal) forget(s *site) { delete(j.dirty, s) }

// nextRev numbers a change. A later one has a larger number, in later runs too.
func (j *journal) nextRev() int64 {
	j.rev++
	return j.rev
}

// flush writes all rows that have changed, now, and then calls done, which may be nil.
func (j *journal) flush(done func(error)) {
	j.flushDue = true
	if done != nil {
		j.waiters = append(j.waiters, done)
	}
}

// change writes other records, now, after what has changed before.
func (j *journal) enqueue(p storeChange) {
	j.flushDue = true
	if len(j.dirty) > 0 {
		j.changes = append(j.changes, j.rowChange())
	}
	j.changes = append(j.changes, p)
}

// pass lets time pass: what has waited for long enough is written.
func (j *journal) onTick(now time.Time) {
	if now.Sub(j.lastTry) < saveInterval {
		return
	}
	for _, p := range j.failed {
		if p.retryIf() {
			j.changes = append(j.changes, p)
		}
	}
	j.failed = nil
	if len(j.dirty)+len(j.changes) > 0 {
		j.lastTry, j.flushDue = now, true
	}
}

// start begins to write what is due, unless it is at it. What comes meanwhile is written after that.
func (j *journal) startWriting() {
	if j.writing || !j.flushDue {
		return
	}
	j.flushDue = false
	parts := j.takeChanges()
	j.writing = true
	var errs []error
	j.owner.startTask(func() { errs = j.applyAll(parts) }, func() {
		j.writing = false
		j.noteOutcome(parts, errs)
		for i, p := range parts {
			j.finishChange(p, errs[i])
		}
	})
}

// take gives all that there is to write.
func (j *journal) takeChanges() []storeChange {
	parts := slices.Concat(j.changes, []storeChange{j.rowChange()})
	j.changes = nil
	return parts
}

// flushAll writes what is left, when the owner's goroutine has ended.
func (j *journal) flushAll() error {
	j.onTick(j.lastTry.Add(saveInterval))
	parts := j.takeChanges()
	errs := j.applyAll(parts)
	j.noteOutcome(parts, errs)
	for i, p := range parts {
		j.finishChange(p, errs[i])
	}
	return errors.Join(errs...)
}

// report says how it went, if there was anything to write.
func (j *journal) noteOutcome(parts []storeChange, errs []error) {
	if slices.ContainsFunc(parts, func(p storeChange) bool { return p.apply != nil }) {
		j.failure.note(cmp.Or(errs...))
	}
}

func (j *journal) finishChange(p storeChange, err error) {
	if p.done != nil {
		p.done(err)
	}
	if err != nil && p.retryIf != nil {
		j.failed = append(j.failed, p)
	}
}

// rows is the part of the sites whose rows have changed.
func (j *journal) rowChange() storeChange {
	rows := make(map[*site]store.Site, len(j.dirty))
	for s := range j.dirty {
		if s.frozen == 0 {
			s.row.Rev = j.nextRev()
			rows[s] = s.row.AsRead()
			delete(j.dirty, s)
		}
	}
	waiting := j.waiters
	j.waiters = nil
	return storeChange{apply: putSites(rows), done: func(err error) {
		for s, row := range rows {
			switch {
			case s.deleted:
			case err != nil:
				j.markDirty(s)
			default:
				before := s.saved
				s.saved = row
				j.onRowWritten(s, before)
			}
		}
		for _, done := range waiting {
			done(err)
		}
	}}
}

// putSites is nil when there is nothing to write.
func putSites(rows map[*site]store.Site) func(*store.Tx) error {
	if len(rows) == 0 {
		return nil
	}
	return func(tx *store.Tx) error {
		for _, row := range rows {
			if err := tx.PutSite(row); err != nil {
				return err
			}
		}
		return nil
	}
}

// write makes all changes in one transaction. Where that fails each is tried by itself, so that none keeps the others
// from the disk.
func (j *journal) applyAll(parts []storeChange) []error {
	errs := make([]error, len(parts))
	if !slices.ContainsFunc(parts, func(p storeChange) bool { return p.apply != nil }) {
		return errs
	}
	err := j.db.Update(func(tx *store.Tx) error {
		for _, p := range parts {
			if p.apply == nil {
				continue
			}
			if err := p.apply(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return errs
	}
	for i, p := range parts {
		if p.apply == nil {
			continue
		}
		errs[i] = j.db.Update(p.apply)
	}
	return errs
}

// saveError says that something was not kept.
func saveError(op, host string, err error) error {
	if engine.KindOf(err) != engine.Internal {
		return err
	}
	return &engine.Error{
		Op: op, Host: host, Kind: engine.Unavailable,
		Msg: "it could not be saved: check that the data folder is writable and not full", Err: err,
	}
}
