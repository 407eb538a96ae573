package sites

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// saveEvery is how long a deadline or total may stay unsaved, and how long after a failure it is tried again.
const saveEvery = 2 * time.Second

// journal writes down what has changed, while the state goes on: everything that came while one write was under way is
// the next one, in one transaction. Changes of one record are written in the order in which they were made.
type journal struct {
	owner *owner
	db    *store.DB
	// trouble is that something could not be written.
	trouble *trouble
	// written is told of each site whose row is on the disk, and which one was before.
	written func(s *site, before store.Site)

	unsaved map[*site]struct{} // sites whose rows have changed
	waiting []func(error)      // who waits for them
	parts   []part             // changes of other records, in order
	failed  []part             // those that are to be tried again
	due     bool               // somebody waits
	writing bool
	tried   time.Time
	// rev is that of the row that was written last; see nextRev.
	rev int64
}

// part is a change, or nil, that succeeds or fails by itself; done, which may be nil, is called with how it went.
type part struct {
	change func(*store.Tx) error
	done   func(error)
	// again is asked whether a change that has failed is to be made still; nil for no.
	again func() bool
}

// mark says that a site's row has changed. It is written before long.
func (j *journal) mark(s *site) { j.unsaved[s] = struct{}{} }

// forget leaves the row of a site that is gone unwritten.
func (j *journal) forget(s *site) { delete(j.unsaved, s) }

// nextRev numbers a change. A later one has a larger number, in later runs too.
func (j *journal) nextRev() int64 {
	j.rev++
	return j.rev
}

// flush writes all rows that have changed, now, and then calls done, which may be nil.
func (j *journal) flush(done func(error)) {
	j.due = true
	if done != nil {
		j.waiting = append(j.waiting, done)
	}
}

// change writes other records, now, after what has changed before.
func (j *journal) change(p part) {
	j.due = true
	if len(j.unsaved) > 0 {
		j.parts = append(j.parts, j.rows())
	}
	j.parts = append(j.parts, p)
}

// pass lets time pass: what has waited for long enough is written.
func (j *journal) pass(now time.Time) {
	if now.Sub(j.tried) < saveEvery {
		return
	}
	for _, p := range j.failed {
		if p.again() {
			j.parts = append(j.parts, p)
		}
	}
	j.failed = nil
	if len(j.unsaved)+len(j.parts) > 0 {
		j.tried, j.due = now, true
	}
}

// start begins to write what is due, unless it is at it. What comes meanwhile is written after that.
func (j *journal) start() {
	if j.writing || !j.due {
		return
	}
	j.due = false
	parts := j.take()
	j.writing = true
	var errs []error
	j.owner.task(func() { errs = j.write(parts) }, func() {
		j.writing = false
		j.report(parts, errs)
		for i, p := range parts {
			j.finish(p, errs[i])
		}
	})
}

// take gives all that there is to write.
func (j *journal) take() []part {
	parts := slices.Concat(j.parts, []part{j.rows()})
	j.parts = nil
	return parts
}

// finishAll writes what is left, when the owner's goroutine has ended.
func (j *journal) finishAll() error {
	j.pass(j.tried.Add(saveEvery))
	parts := j.take()
	errs := j.write(parts)
	j.report(parts, errs)
	for i, p := range parts {
		j.finish(p, errs[i])
	}
	return errors.Join(errs...)
}

// report says how it went, if there was anything to write.
func (j *journal) report(parts []part, errs []error) {
	if slices.ContainsFunc(parts, func(p part) bool { return p.change != nil }) {
		j.trouble.note(cmp.Or(errs...))
	}
}

func (j *journal) finish(p part, err error) {
	if p.done != nil {
		p.done(err)
	}
	if err != nil && p.again != nil {
		j.failed = append(j.failed, p)
	}
}

// rows is the part of the sites whose rows have changed.
func (j *journal) rows() part {
	rows := make(map[*site]store.Site, len(j.unsaved))
	for s := range j.unsaved {
		if s.frozen == 0 {
			s.row.Rev = j.nextRev()
			rows[s] = s.row.AsRead()
			delete(j.unsaved, s)
		}
	}
	waiting := j.waiting
	j.waiting = nil
	return part{change: putSites(rows), done: func(err error) {
		for s, row := range rows {
			switch {
			case s.gone:
			case err != nil:
				j.mark(s)
			default:
				before := s.disk
				s.disk = row
				j.written(s, before)
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
func (j *journal) write(parts []part) []error {
	errs := make([]error, len(parts))
	if !slices.ContainsFunc(parts, func(p part) bool { return p.change != nil }) {
		return errs
	}
	err := j.db.Update(func(tx *store.Tx) error {
		for _, p := range parts {
			if p.change == nil {
				continue
			}
			if err := p.change(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return errs
	}
	for i, p := range parts {
		if p.change == nil {
			continue
		}
		errs[i] = j.db.Update(p.change)
	}
	return errs
}

// storeError says that something was not kept.
func storeError(op, host string, err error) error {
	if engine.KindOf(err) != engine.Internal {
		return err
	}
	return &engine.Error{
		Op: op, Host: host, Kind: engine.Unavailable,
		Msg: "it could not be saved: check that the data folder is writable and not full", Err: err,
	}
}
