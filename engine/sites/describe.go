package sites

import (
	"context"

	"wtptui/engine"
	"wtptui/store"
)

// descriptions passes what torrents turn out to be, their lists of files or why these are refused, to the sites that
// use them.
type descriptions struct {
	owner   *owner
	journal *journal
	events  *eventLog
	// onInfoSaved is called when the list of files of a torrent is on the disk.
	onInfoSaved func(infohash string)
}

// awaitReady waits in the background for the torrent's list of files.
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

// describeAll passes the torrent's list of files, or why it was refused, to all sites that use the torrent.
func (d *descriptions) describeAll(t *torrent) {
	info, err := t.joined.Info(), t.joined.Err()
	switch {
	case err != nil:
		d.setRefused(t, err)
		return
	case info == nil: // Its limits were lifted at this moment, and applySettings waits for it again.
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

// describeSite updates a site with the description of its torrent.
func (d *descriptions) describeSite(s *site, t *torrent) {
	if s.row.Title == "" {
		s.row.Title = engine.Clean(t.info.Name)
		d.journal.markDirty(s)
	}
	if t.hadInfo {
		s.wasComplete = s.isComplete() // completion was reported when it happened
		return
	}
	d.events.record(s, engine.Info, engine.Described, describeInfo(t.info))
}

// setRefused passes the reason why nothing of the torrent can be had to all sites that use it.
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

// saveInfo writes the torrent's list of files to the disk. Without it the data is useless at a start when no peer has
// the list, so a failed write is retried.
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
