package sites

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// Detail implements engine.Engine.
func (e *Engine) Detail(_ context.Context, host string) (engine.Detail, error) {
	e.mu.Lock()
	s, err := e.find("sites: detail", host)
	if err != nil {
		e.mu.Unlock()
		return engine.Detail{}, err
	}
	d := engine.Detail{
		Site:     e.view(s),
		Files:    []engine.File{},
		Peers:    []engine.Peer{},
		Trackers: []engine.Tracker{},
		Pieces:   engine.Pieces{Runs: []engine.PieceRun{}},
		Requests: slices.Concat([]engine.Request{}, s.requests),
		Versions: []engine.Version{},
		Log:      slices.Concat([]engine.Event{}, s.log),
	}
	slices.Reverse(d.Requests)
	t := s.torrent
	ready := t != nil && t.ready
	e.mu.Unlock()
	name, err := e.cfg.Store.Name(host)
	if err != nil {
		return engine.Detail{}, err
	}
	e.mu.Lock()
	d.Domain = e.viewName(s, name)
	d.Versions = e.viewVersions(host, name.Versions)
	d.Domain.Versions = slices.Clone(d.Versions)
	e.mu.Unlock()
	if t == nil {
		return d, nil
	}
	d.Peers = slices.Concat(d.Peers, t.Peers())
	d.Trackers = slices.Concat(d.Trackers, t.Trackers())
	if ready {
		info := t.Info()
		d.Name = engine.Clean(info.Name)
		d.Files = viewFiles(info, t.FileProgress(), d.Site.LocalURL)
		d.Pieces = t.Pieces()
	}
	return d, nil
}

// viewFiles lists the files of a torrent; done has a number for each of info.Files.
func viewFiles(info *swarm.Info, done []int64, root string) []engine.File {
	files := make([]engine.File, len(info.Files))
	for i, f := range info.Files {
		parts := make([]string, len(f.Path))
		for j, p := range f.Path {
			parts[j] = url.PathEscape(p)
		}
		files[i] = engine.File{Path: engine.Clean(strings.Join(f.Path, "/")), Size: f.Size}
		if root != "" {
			files[i].URL = root + strings.Join(parts, "/")
		}
		if i < len(done) {
			files[i].Completed = done[i]
		}
	}
	return files
}
