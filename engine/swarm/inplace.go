package swarm

import (
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

// openData opens the torrent's own folder, or the one that it is seeded from in place.
func (h *handle) openData(m *meta) (*disk.Torrent, error) {
	if h.spec.InPlace == nil {
		return h.c.store.Open(h.hash, m.layout, h.spec.Verify)
	}
	p := disk.Place{Dir: h.spec.InPlace.Dir, Stamps: h.spec.InPlace.Stamps}
	for _, f := range m.Files {
		p.Paths = append(p.Paths, strings.Join(f.Path, "/"))
	}
	data, err := h.c.store.OpenPlace(h.hash, m.layout, p)
	if err != nil {
		return nil, err
	}
	h.wg.Go(func() { h.watchPlace(data) })
	return data, nil
}

// placeEvery is how often the files of a torrent that is seeded in place are looked at, besides each time that one of
// them is read.
const placeEvery = 10 * time.Second

func (h *handle) watchPlace(data *disk.Torrent) {
	tick := time.NewTicker(placeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			data.Recheck()
		case <-h.ctx.Done():
			return
		}
	}
}

// changedInPlace is why a torrent that is seeded in place is not complete; nil when it is, or is still being hashed. What
// is missing is not fetched: there is no place for it.
func (h *handle) changedInPlace() error {
	data := h.data.Load()
	if h.spec.InPlace == nil || data == nil || h.complete() || data.Progress().Unchecked > 0 {
		return nil
	}
	return opError("read", engine.Damaged, "files of the folder have changed since it was published: publish it again, or put them back and verify", nil)
}
