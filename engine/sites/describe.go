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
	events  *eventLog
	// noted is told of a torrent whose list of files is on the disk.
	onInfoSaved func(infohash string)
}

// awaitReady waits for the torrent's list of files.
func (d *descriptions) awaitReady(t *torrent) {
	ready, left := t.joined.Ready(), t.leftSwarm
	d.owner.startBackground(func(ctx context.Context) {
		select {
		case <-ready:
		case <-left:
			return
		case <-ctx.Done():
			return
		}
		d.owner.do(func() {
			if t.leftSwarm == left && t.joined != nil {
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
		d.setRefused(t, err)
		return
	case info == nil: // Its limits were lifted at this moment, and adjust waits for it again.
		return
	}
	t.info, t.ready, t.stats = info, true, t.joined.Stats()
	t.files = &files{info: t.info}
	t.updateComplete()
	if !t.infoSaved {
		d.saveInfo(t)
	}
	for s := range t.users {
		if t == s.torrent {
			s.err = nil
			d.describeSite(s, t)
			s.notify()
		}
	}
	d.events.changed = true
}

// describe tells a site what its torrent is.
func (d *descriptions) describeSite(s *site, t *torrent) {
	if s.row.Title == "" {
		s.row.Title = engine.Clean(t.info.Name)
		d.journal.markDirty(s)
	}
	if t.hadInfo {
		s.wasComplete = s.isComplete() // it was told when it became so
		return
	}
	d.events.record(s, engine.Info, engine.Described, describeInfo(t.info))
}

// refuse tells all sites that have the torrent why there is nothing to be had of it.
func (d *descriptions) setRefused(t *torrent, err error) {
	t.ready = false
	for s := range t.users {
		switch t {
		case s.torrent:
			s.err = err
			d.events.record(s, engine.Problem, engine.Noticed, engine.Message(err))
		case s.next.torrent:
			s.next.err = err
		}
		s.notify()
	}
	d.events.changed = true
}

// saveInfo writes the torrent's list of files down. Without it the data is of no use to a start at which nobody else
// has it, so what fails is tried again.
func (d *descriptions) saveInfo(t *torrent) {
	joined := t.joined
	d.journal.enqueue(storeChange{
		apply: func(tx *store.Tx) error { return tx.PutInfo(joined.Infohash(), joined.Info().Bytes) },
		done: func(err error) {
			if err == nil && t.joined == joined {
				t.infoSaved = true
				d.onInfoSaved(t.infohash)
				t.updateComplete()
				d.events.changed = true
			}
		},
		retryIf: func() bool { return t.joined == joined },
	})
}
