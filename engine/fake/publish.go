package fake

import (
	"context"
	"path/filepath"
	"time"

	"wtptui/engine"
)

// Publish implements engine.Engine: the folder is not looked at, and a site of its name comes out.
func (e *Engine) Publish(ctx context.Context, req engine.PublishRequest, progress func(engine.PublishProgress)) (engine.Publication, error) {
	if err := e.usable(ctx, "publish"); err != nil {
		return engine.Publication{}, err
	}
	if !filepath.IsAbs(req.Dir) {
		return engine.Publication{}, &engine.Error{Op: "fake: publish", Kind: engine.Invalid, Msg: "give the folder's absolute path"}
	}
	if progress != nil {
		for _, stage := range []engine.PublishStage{engine.PublishCheck, engine.PublishHash, engine.PublishCopy} {
			progress(engine.PublishProgress{Stage: stage, Files: 12, AllFiles: 12, Bytes: 3_000_000, AllBytes: 3_000_000})
		}
	}
	host := req.Name
	if host == "" {
		host = infohash(req.Dir)
	}
	p := engine.Publication{
		Host: host, Infohash: infohash(host), URL: "wtp://" + host + "/", LocalURL: localURL(host), PieceLength: 32 << 10,
		Files: 12, Size: 3_000_000, Added: []string{"index.html", "style.css"}, Changed: []string{}, Removed: []string{}, Records: []string{},
		Findings: []engine.Finding{{Path: ".git", Code: "dotfile", Why: "it holds the folder's whole history", Choice: engine.LeftOut}},
	}
	if req.Name != "" {
		p.Records = []string{"@ TXT wtpkey=" + p.Infohash, "www TXT wtpkey=" + p.Infohash}
	}
	if req.DryRun {
		return p, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.newSite(Script{Host: host, Title: filepath.Base(req.Dir), Size: p.Size, Files: p.Files, Pinned: true, Mine: true})
	e.sites[host] = s
	e.record(s, engine.Added, engine.Info, "published")
	e.publish()
	return p, nil
}

// Probe implements engine.Engine: a site with peers can be reached by all.
func (e *Engine) Probe(ctx context.Context, host string) (engine.Reach, error) {
	s, err := e.one(ctx, "probe", host)
	if err != nil {
		return engine.Reach{}, err
	}
	if s.Peers == 0 {
		why := "nobody answered: is a tracker reachable?"
		return engine.Reach{Host: host, TCP: engine.ReachWay{Why: why}, WebRTC: engine.ReachWay{Why: why}, Verdict: "nobody can load it"}, nil
	}
	way := engine.ReachWay{OK: true, Took: int64(400 * time.Millisecond), Peers: s.Peers}
	return engine.Reach{Host: host, TCP: way, WebRTC: way, Verdict: "browsers and torrent clients can load it"}, nil
}

// Export implements engine.Engine: a play has no files to write.
func (e *Engine) Export(ctx context.Context, host, _ string) error {
	return e.noContent(ctx, "export", host)
}

// Metainfo implements engine.Engine: a play has no torrents.
func (e *Engine) Metainfo(ctx context.Context, host string) ([]byte, error) {
	return nil, e.noContent(ctx, "metainfo", host)
}

func (e *Engine) noContent(ctx context.Context, op, host string) error {
	if _, err := e.one(ctx, op, host); err != nil {
		return err
	}
	return &engine.Error{Op: "fake: " + op, Host: host, Kind: engine.Unavailable, Msg: "the sites of the demo have no content"}
}

// one gives a site as it is now.
func (e *Engine) one(ctx context.Context, op, host string) (engine.Site, error) {
	if err := e.usable(ctx, op); err != nil {
		return engine.Site{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s, ok := e.sites[host]
	if !ok {
		return engine.Site{}, notFound(op, host)
	}
	return s.Site, nil
}
