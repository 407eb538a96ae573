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
	const op = "sites: detail"
	name, err := e.cfg.Store.Name(host)
	if err != nil {
		return engine.Detail{}, err
	}
	var d engine.Detail
	var joined swarm.Torrent
	var info *swarm.Info
	err = e.withState(op, host, func(st *state) error {
		s, err := st.roster.find(op, host)
		if err != nil {
			return err
		}
		d = engine.Detail{
			Site:     s.view(st.own, st.clock.Now()),
			Files:    []engine.File{},
			Peers:    []engine.Peer{},
			Trackers: []engine.Tracker{},
			Pieces:   engine.Pieces{Runs: []engine.PieceRun{}},
			Requests: slices.Concat([]engine.Request{}, s.requests),
			Versions: st.versions.view(host, name.Versions),
			Log:      slices.Concat([]engine.Event{}, s.log),
			Domain:   s.viewName(name),

			Published: st.own.publishedFrom(s),
		}
		if s.torrent != nil {
			joined, info = s.torrent.joined, s.torrent.info
			d.CheckedAt = engine.At(s.torrent.scrub.check.At)
		}
		return nil
	})
	if err != nil {
		return engine.Detail{}, err
	}
	slices.Reverse(d.Requests)
	d.Domain.Versions = slices.Clone(d.Versions)
	if joined == nil {
		return d, nil
	}
	d.Peers = slices.Concat(d.Peers, joined.Peers())
	endTransfers(d.Peers, d.Site)
	d.Trackers = slices.Concat(d.Trackers, joined.Trackers())
	if info != nil {
		d.Name = engine.Clean(info.Name)
		d.Files = viewFiles(info, joined.FileProgress(), d.Site.LocalURL)
		d.Pieces = joined.Pieces()
	}
	return d, nil
}

// endTransfers sets the peers' rates to zero if the site's rate is zero. Theirs are averages over the time since they
// were last queried.
func endTransfers(peers []engine.Peer, s engine.Site) {
	for i := range peers {
		if s.DownRate == 0 {
			peers[i].DownRate = 0
		}
		if s.UpRate == 0 {
			peers[i].UpRate = 0
		}
	}
}

// viewFiles returns the files of a torrent; done has the completed bytes of each of info.Files.
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
