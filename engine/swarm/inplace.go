package swarm

import (
	"context"
	"strings"
	"time"

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
	h.wg.Go(func() { watchPlace(h.ctx, data) })
	return data, nil
}

// placeEvery is how often the files of a torrent that is seeded in place are looked at, besides each time that one of
// them is read.
const placeEvery = 10 * time.Second

// watchPlace looks at the files of a folder until ctx ends.
func watchPlace(ctx context.Context, data *disk.Torrent) {
	tick := time.NewTicker(placeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			data.Recheck()
		case <-ctx.Done():
			return
		}
	}
}
