package sites

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// saveInterval is how long a changed deadline or total may stay unsaved, and the delay after which a failed write is
// retried.
const saveInterval = 2 * time.Second

// journal writes changes to the database while the state goes on. What is enqueued during a write is written by the
// next one, in one transaction. Changes of one record are written in the order in which they were made.
type journal struct {
	owner *owner
	db    *store.DB
	// failure is that of writing.
	failure *failure
	// onRowWritten is called for each site whose row has been written, with the row that was on the disk before.
	onRowWritten func(s *site, before store.Site)

	dirty    map[*site]struct{} // sites whose rows have changed
	waiters  []func(error)      // callbacks that wait for the dirty rows
	changes  []storeChange      // changes of other records, in order
	failed   []storeChange      // changes to retry
	flushDue bool               // a write is wanted now
	writing  bool
	lastTry  time.Time
	// rev is the number of the newest row; see nextRev.
	rev int64
}

// storeChange is a change of the store that succeeds or fails by itself. apply and done may be nil; done is called with
// the outcome.
type storeChange struct {
	apply func(*store.Tx) error
	done  func(error)
	// retryIf reports whether a failed change is to be tried again; nil means no.
	retryIf func() bool
}

// markDirty records that a site's row has changed. It is written within saveInterval.
func (j *journal) markDirty(s *site) { j.dirty[s] = struct{}{} }

// forget drops the unwritten changes of a deleted site's row.
func (j *journal) forget(s *site) { delete(j.dirty, s) }

// nextRev returns a number for a change, larger than those of all earlier changes in this run and former ones.
func (j *journal) nextRev() int64 {
	j.rev++
	return j.rev
}

// flush writes all changed rows now, and then calls done, which may be nil.
func (j *journal) flush(done func(error)) {
	j.flushDue = true
	if done != nil {
		j.waiters = append(j.waiters, done)
	}
}

// enqueue writes a change of other records now, after the changes that came before.
func (j *journal) enqueue(p storeChange) {
	j.flushDue = true
	if len(j.dirty) > 0 {
		j.changes = append(j.changes, j.rowChange())
	}
	j.changes = append(j.changes, p)
}

// onTick writes what has waited for saveInterval.
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

// startWriting starts to write what is due, unless a write is running. Changes made meanwhile are written after that.
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

// takeChanges returns everything there is to write, and empties the queue.
func (j *journal) takeChanges() []storeChange {
	parts := slices.Concat(j.changes, []storeChange{j.rowChange()})
	j.changes = nil
	return parts
}

// flushAll writes what is left after the owner's goroutine has ended.
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

// noteOutcome records the outcome of a write, if there was anything to write.
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

// rowChange returns the change that writes the dirty rows.
func (j *journal) rowChange() storeChange {
	rows := make(map[*site]store.Site, len(j.dirty))
	for s := range j.dirty {
		if s.frozen == 0 {
			s.row.Rev = j.nextRev()
			rows[s] = s.row.AsStored()
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

// putSites returns a change that writes the rows; nil if there are none.
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

// applyAll applies all changes in one transaction. If that fails each is applied in a transaction of its own, so that a
// bad one does not block the others.
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

// saveError returns the error for something that could not be saved.
func saveError(op, host string, err error) error {
	if engine.KindOf(err) != engine.Internal {
		return err
	}
	return &engine.Error{
		Op: op, Host: host, Kind: engine.Unavailable,
		Msg: "it could not be saved: check that the data folder is writable and not full", Err: err,
	}
}
