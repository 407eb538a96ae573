package swarm

import (
	"context"
	"strings"
	"time"

	"wtptui/engine/swarm/disk"
)

// openData opens the torrent's own folder, or the folder that it is seeded from in place.
func (l *lifecycle) openData(m *meta) (*disk.Torrent, error) {
	if l.spec.InPlace == nil {
		return l.client.store.Open(l.hash, m.layout, l.spec.Verify)
	}
	p := disk.Place{Dir: l.spec.InPlace.Dir, Stamps: l.spec.InPlace.Stamps}
	for _, f := range m.Files {
		p.Paths = append(p.Paths, strings.Join(f.Path, "/"))
	}
	data, err := l.client.store.OpenPlace(l.hash, m.layout, p)
	if err != nil {
		return nil, err
	}
	l.wg.Go(func() { watchInPlace(l.ctx, data) })
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
