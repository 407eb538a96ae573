package sites

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"wtptui/engine"
	"wtptui/engine/publish"
	"wtptui/store"
)

// Ship makes a pinned site of files that come with the program: they are copied and seeded from then on. The site is named by
// its infohash.
func (e *Engine) Ship(ctx context.Context, fsys fs.FS, name string) (engine.Site, error) {
	const op = "sites: publish"
	folder := publish.Embedded(fsys, name)
	plan, err := folder.Check(ctx, publish.Rules{Now: e.cfg.Clock.Now()}, nil)
	if err != nil {
		return engine.Site{}, err
	}
	m, err := publish.Hash(ctx, plan, func(i int) (publish.Bytes, error) { return folder.Bytes(plan.Files[i]) }, nil, nil)
	if err != nil {
		return engine.Site{}, err
	}
	for i, file := range plan.Files {
		if err := e.importFile(fsys, file.Path, m.Infohash, i); err != nil {
			return engine.Site{}, storeError(op, m.Infohash, err)
		}
	}
	if err := e.cfg.Store.PutInfo(m.Infohash, m.Info); err != nil {
		return engine.Site{}, storeError(op, m.Infohash, err)
	}
	now := e.cfg.Clock.Now()
	e.mu.Lock()
	s := e.sites[m.Infohash]
	isNew := s == nil
	if isNew {
		s = newSite(store.Site{Host: m.Infohash, Infohash: m.Infohash, AddedAt: now, LastOpen: now}, e.cfg.LocalRoot)
		e.sites[m.Infohash] = s
		delete(e.evicted, m.Infohash)
	}
	s.row.Mine, s.row.Pinned, s.row.ExpiresAt = true, true, time.Time{}
	e.unsaved[m.Infohash] = struct{}{}
	e.record(s, engine.Info, engine.Added, "published")
	e.mu.Unlock()
	if isNew {
		e.join(s, m.Infohash)
	}
	if err := e.save(); err != nil {
		return engine.Site{}, storeError(op, m.Infohash, err)
	}
	e.publish()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.view(s), nil
}

func (e *Engine) importFile(fsys fs.FS, path, infohash string, index int) error {
	f, err := fsys.Open(path)
	if err != nil {
		return fmt.Errorf("sites: publish %s: %w", path, err)
	}
	defer f.Close()
	return e.cfg.Swarm.Import(infohash, index, f)
}
