package sites

import (
	"context"

	"wtptui/engine"
	"wtptui/store"
)

// descriptions take what torrents turn out to be, their lists of files or why they are refused, to the sites that
// have them.
type descriptions struct {
	owner   *owner
	journal *journal
	news    *news
	// noted is told of a torrent whose list of files is on the disk.
	noted func(infohash string)
}

// awaitReady waits for the torrent's list of files.
func (d *descriptions) awaitReady(t *torrent) {
	ready, left := t.joined.Ready(), t.left
	d.owner.background(func(ctx context.Context) {
		select {
		case <-ready:
		case <-left:
			return
		case <-ctx.Done():
			return
		}
		d.owner.ask(func() {
			if t.left == left && t.joined != nil {
				d.describeAll(t)
			}
		})
	})
}

// describeAll tells all sites that have the torrent what it turned out to be.
func (d *descriptions) describeAll(t *torrent) {
	info, err := t.joined.Info(), t.joined.Err()
	switch {
	case err != nil:
		d.refuse(t, err)
		return
	case info == nil: // Its limits were lifted at this moment, and adjust waits for it again.
		return
	}
	t.info, t.ready, t.last = info, true, t.joined.Stats()
	t.files = &files{info: t.info}
	t.note()
	if !t.noted {
		d.keepInfo(t)
	}
	for s := range t.users {
		if t == s.torrent {
			s.err = nil
			d.describe(s, t)
			s.notify()
		}
	}
	d.news.changed = true
}

// describe tells a site what its torrent is.
func (d *descriptions) describe(s *site, t *torrent) {
	if s.row.Title == "" {
		s.row.Title = engine.Clean(t.info.Name)
		d.journal.mark(s)
	}
	if t.known {
		s.whole = s.isWhole() // it was told when it became so
		return
	}
	d.news.record(s, engine.Info, engine.Described, describeInfo(t.info))
}

// refuse tells all sites that have the torrent why there is nothing to be had of it.
func (d *descriptions) refuse(t *torrent, err error) {
	t.ready = false
	for s := range t.users {
		switch t {
		case s.torrent:
			s.err = err
			d.news.record(s, engine.Problem, engine.Noticed, engine.Message(err))
		case s.next.torrent:
			s.next.err = err
		}
		s.notify()
	}
	d.news.changed = true
}

// keepInfo writes the torrent's list of files down. Without it the data is of no use to a start at which nobody else
// has it, so what fails is tried again.
func (d *descriptions) keepInfo(t *torrent) {
	joined := t.joined
	d.journal.change(part{
		change: func(tx *store.Tx) error { return tx.PutInfo(joined.Infohash(), joined.Info().Bytes) },
		done: func(err error) {
			if err == nil && t.joined == joined {
				t.noted = true
				d.noted(t.infohash)
				t.note()
				d.news.changed = true
			}
		},
		again: func() bool { return t.joined == joined },
	})
}
