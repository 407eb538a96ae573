package swarm

import (
	"context"
	"strings"
	"time"

	"wtptui/engine/swarm/disk"
)

// openData opens the torrent's own folder, or the folder that it is seeded from in place.
func (h *handle) openData(m *meta) (*disk.Torrent, error) {
	if h.spec.InPlace == nil {
		return h.client.store.Open(h.hash, m.layout, h.spec.Verify)
	}
	p := disk.Place{Dir: h.spec.InPlace.Dir, Stamps: h.spec.InPlace.Stamps}
	for _, f := range m.Files {
		p.Paths = append(p.Paths, strings.Join(f.Path, "/"))
	}
	data, err := h.client.store.OpenPlace(h.hash, m.layout, p)
	if err != nil {
		return nil, err
	}
	h.wg.Go(func() { watchInPlace(h.ctx, data) })
	return data, nil
}

// inPlaceCheckInterval is how often the files of a torrent that is seeded in place are checked, in addition to each
// time one of them is read.
const inPlaceCheckInterval = 10 * time.Second

// watchInPlace checks the files of a folder until ctx ends.
func watchInPlace(ctx context.Context, data *disk.Torrent) {
	tick := time.NewTicker(inPlaceCheckInterval)
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
