package fake

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
)

// Publish implements engine.Engine. The folder is not read: its name decides what the check finds. "secret" in it means
// a private key, which is refused until it is kept or left out, "empty" no files, "missing" that there is no such
// folder, "plain" no findings, "still" that it never changes, "huge" that it is 3 GB, more than visitors accept without
// being asked, and "conflict" that its key was used on another machine.
func (e *Engine) Publish(
	ctx context.Context, req engine.PublishRequest, progress func(engine.PublishProgress),
) (engine.Publication, error) {
	if err := e.checkUsable(ctx, "publish"); err != nil {
		return engine.Publication{}, err
	}
	if progress == nil {
		progress = func(engine.PublishProgress) {}
	}
	var err error
	if req.Name, err = e.findSiteName(req); err != nil {
		return engine.Publication{}, err
	}
	if req.PublicURL, err = parsePublicURL(req.PublicURL); err != nil {
		return engine.Publication{}, err
	}
	e.mu.Lock()
	was, trackers, now := e.world.folders[req.Dir], e.world.homes.tracker.URLs, e.world.now
	e.mu.Unlock()
	if req, err = was.findKey(req); err != nil {
		return engine.Publication{}, err
	}
	key := e.keys.findOrNew(req.Key)
	asked := req
	req = was.withPastDecisions(req)
	p := was.newPublicationWithKey(req, key, trackers, nil, now)
	if err := e.reportStage(ctx, engine.PublishCheck, 600*time.Millisecond, p, progress); err != nil {
		return engine.Publication{}, err
	}
	p.Findings = was.findings(asked)
	progress(engine.PublishProgress{
		Stage: engine.PublishCheck, Files: p.Files, AllFiles: p.Files, Bytes: p.Size, AllBytes: p.Size, Findings: p.Findings,
	})
	if err := checkFindings(p.Findings); err != nil {
		return p, err
	}
	if err := checkSigner(req, now); err != nil {
		return engine.Publication{}, err
	}
	took := time.Second + time.Duration(p.Size/300)*time.Microsecond
	if err := e.reportStage(ctx, engine.PublishHash, took, p, progress); err != nil {
		return engine.Publication{}, err
	}
	if req.DryRun {
		if req.Name == "" && key.Host == "" {
			p.Host, p.URL, p.LocalURL = "", "", ""
		}
		return p, nil
	}
	if err := e.reportStage(ctx, engine.PublishCopy, took/2, p, progress); err != nil {
		return engine.Publication{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if req.Key != "" {
		p = was.newPublicationWithKey(req, e.keys.add(req.Key, e.world.now), trackers, p.Findings, e.world.now)
	}
	e.world.install(req, p, e.realisticDelays)
	e.publish()
	return p, nil
}

// checkFindings returns an error of Kind Refused if a finding prevents the publication.
func checkFindings(findings []engine.Finding) error {
	if slices.ContainsFunc(findings, func(f engine.Finding) bool { return f.Choice == engine.ChoiceRefuse }) {
		return publishError(engine.Refused, "something in the folder should not be published: leave it out, or keep it")
	}
	return nil
}

// parsePublicURL returns the canonical form of PublishRequest.PublicURL.
func parsePublicURL(u string) (string, error) {
	if u == "" || u == engine.NoPublicURL {
		return u, nil
	}
	return engine.ParsePublicURL(u)
}

// findSiteName returns the name in the request, or else the name of the folder's last publication. The error is about a
// folder or name that cannot be published.
func (e *Engine) findSiteName(req engine.PublishRequest) (string, error) {
	if err := checkFolder(req.Dir); err != nil {
		return "", err
	}
	if req.Name == "" {
		e.mu.Lock()
		defer e.mu.Unlock()
		was := e.world.folders[req.Dir]
		if engine.IsDomain(was.host) && (req.Key == "" || req.Key == was.key) {
			return was.host, nil
		}
		return "", nil
	}
	host, err := engine.ParseName(req.Name)
	if err == nil && engine.IsOpaque(host) {
		err = publishError(engine.Invalid, engine.Clean(req.Name)+" is not a domain")
	}
	return host, err
}

// checkFolder returns an error if the folder cannot be published.
func checkFolder(dir string) error {
	base := filepath.Base(dir)
	switch {
	case !filepath.IsAbs(dir):
		return publishError(engine.Invalid, "give the folder's absolute path")
	case strings.Contains(base, "missing"):
		return publishError(engine.Unavailable, "there is no folder "+engine.Clean(dir)+": check its path")
	case strings.Contains(base, "empty"):
		return publishError(engine.Invalid,
			engine.Clean(base)+" has no files to publish: a site needs at least an index.html")
	}
	return nil
}

func publishError(kind engine.Kind, msg string) error {
	return &engine.Error{Op: "fake: publish", Kind: kind, Msg: msg}
}

// reportStage reports the progress of a stage while its time passes.
func (e *Engine) reportStage(
	ctx context.Context, stage engine.PublishStage, took time.Duration, p engine.Publication,
	progress func(engine.PublishProgress),
) error {
	err := e.waitFor(ctx, took, func(part float64) {
		now := engine.PublishProgress{
			Stage: stage, Files: int(part * float64(p.Files)), AllFiles: p.Files,
			Bytes: int64(part * float64(p.Size)), AllBytes: p.Size,
		}
		if stage == engine.PublishCheck { // The totals grow while the folder is walked.
			now.AllFiles, now.AllBytes = now.Files, now.Bytes
		}
		progress(now)
	})
	if err != nil {
		return &engine.Error{
			Op: "fake: publish", Kind: engine.Unavailable, Msg: "stopped: nothing was changed", Err: err,
		}
	}
	return nil
}

// newPublication returns the result of publishing the folder.
func (f *folder) newPublication(req engine.PublishRequest, keyHost string, trackers []string) engine.Publication {
	host := req.Name
	if host == "" {
		host = keyHost
	}
	hash := inventInfohash(req.Dir + strings.Repeat(" again", f.version))
	if host == "" {
		host = hash
	}
	p := engine.Publication{
		Host: host, Infohash: hash, URL: "wtp://" + host + "/", LocalURL: localURL(host), PieceLength: 32 << 10,
		Files: 48, Size: 6_400_000, Added: []string{}, Changed: []string{}, Removed: []string{},
		Records: []string{}, Ignore: []string{}, RemovedSizes: []int64{}, ChangedSizes: []int64{},
	}
	for _, path := range req.LeaveOut {
		p.Ignore = append(p.Ignore, "/"+path)
	}
	if strings.Contains(filepath.Base(req.Dir), "huge") {
		p.PieceLength, p.Files, p.Size = 1<<20, 2400, 3<<30
	}
	if engine.IsDomain(req.Name) {
		p.Records = []string{host + ". TXT \"wtpkey=" + hash + "\"", "www." + host + ". TXT \"wtpkey=" + hash + "\""}
		if keyHost != "" {
			p.Records = append(p.Records, host+". TXT \"wtppub="+keyHost+"\"", "www."+host+". TXT \"wtppub="+keyHost+"\"")
		}
		for _, u := range engine.TrackerHints(trackers) {
			p.Records = append(p.Records, host+". TXT \"wtptracker="+u+"\"", "www."+host+". TXT \"wtptracker="+u+"\"")
		}
	}
	switch {
	case f.version > 0 && strings.Contains(filepath.Base(req.Dir), "still"):
		p.Infohash, p.Same, p.Unchanged = f.infohash, p.Files, f.host == host || req.Name == "" && keyHost == ""
	case f.version > 0:
		p.Previous, p.Same = f.infohash, p.Files-4
		p.Added, p.Removed = []string{"blog/hello-again.html"}, []string{"blog/draft.html"}
		p.Changed = []string{"index.html", "blog/index.html", "feed.xml"}
		p.AddedSizes, p.ChangedSizes, p.RemovedSizes = []int64{18_204}, []int64{6_113, 4_870, 21_946}, []int64{9_412}
	default:
		p.Added = []string{"index.html", "style.css", "blog/index.html", "blog/hello.html", "img/portrait.webp", "feed.xml"}
		p.AddedSizes = []int64{6_020, 3_310, 4_612, 8_871, 214_500, 20_190}
	}
	p.AddedCount, p.ChangedCount, p.RemovedCount = len(p.Added), len(p.Changed), len(p.Removed)
	return p
}

// install adds the published site, or a new version of the existing one.
func (st *world) install(req engine.PublishRequest, p engine.Publication, realisticDelays bool) {
	was := st.folders[req.Dir]
	was.recordPublication(req, p, engine.At(st.now))
	st.folders[req.Dir] = was
	old, there := st.sites[p.Host]
	s := st.builder.newSite(Script{
		Host: p.Host, Title: filepath.Base(req.Dir), Size: p.Size, Files: p.Files, Pinned: true, Mine: true,
		JustPublished: true, Peers: 7, KnownPeers: 12,
	}, st.now)
	s.Title, s.AddedAt, s.LastOpen = engine.Clean(s.Title), engine.At(st.now), engine.At(st.now)
	v := engine.Version{
		Infohash: p.Infohash, FirstSeen: s.AddedAt, LastSeen: s.AddedAt, Source: "published", State: engine.VersionCurrent,
		Size: p.Size,
	}
	s.versions = []engine.Version{v}
	if there {
		s.AddedAt, s.Uploaded, s.log = old.AddedAt, old.Uploaded, old.log
		s.versions = append(s.versions, old.versions...)
	}
	s.setVersion(p.Infohash, st.now)
	s.key, s.Record = siteKey{host: p.Key.Host, signer: p.Key.Name}, p.Record
	if realisticDelays {
		s.namedAt, s.previousHash = st.now.Add(25*time.Second), p.Previous
	}
	st.sites[p.Host] = s
	st.journal.record(s, engine.Added, engine.Info, "published")
}

// Probe implements engine.Engine. A site is reachable over TCP and WebRTC if it is seeding, unless its host has
// "nobody" in it, or "tcponly".
func (e *Engine) Probe(ctx context.Context, host string) (engine.Reach, error) {
	s, err := e.copySite(ctx, "probe", host)
	if err != nil {
		return engine.Reach{}, err
	}
	if err := e.waitFor(ctx, 2*time.Second, func(float64) {}); err != nil {
		return engine.Reach{}, &engine.Error{
			Op: "fake: probe", Host: host, Kind: engine.Unavailable, Msg: "it was stopped", Err: err,
		}
	}
	way := engine.ReachWay{OK: true, Took: int64(400 * time.Millisecond), Peers: 1}
	none := engine.ReachWay{Why: "nobody answered in 30 s: is a tracker reachable? See the Trackers tab"}
	switch {
	case s.State != engine.Seeding, strings.Contains(host, "nobody"):
		const verdict = "nobody can load it, because no tracker and no DHT node named this computer"
		return engine.Reach{Host: host, TCP: none, WebRTC: none, Verdict: verdict}, nil
	case strings.Contains(host, "tcponly"):
		none.Why = "no WebTorrent tracker answered: browsers are met through nothing else"
		const verdict = "only torrent clients can load it, because no WebTorrent tracker answers"
		return engine.Reach{Host: host, TCP: way, WebRTC: none, Verdict: verdict}, nil
	}
	slower := way
	slower.Took = int64(1300 * time.Millisecond)
	return engine.Reach{Host: host, TCP: way, WebRTC: slower, Verdict: "browsers and torrent clients can load it"}, nil
}

// Export implements engine.Engine. A simulated site has no files to write.
func (e *Engine) Export(ctx context.Context, host string, _ engine.ExportRequest) error {
	return noContentError(ctx, e, "export", host)
}

// Metainfo implements engine.Engine. A simulated site has no torrent.
func (e *Engine) Metainfo(ctx context.Context, host string) ([]byte, error) {
	return nil, noContentError(ctx, e, "metainfo", host)
}

func noContentError(ctx context.Context, e *Engine, op, host string) error {
	if _, err := e.copySite(ctx, op, host); err != nil {
		return err
	}
	return &engine.Error{
		Op: "fake: " + op, Host: host, Kind: engine.Unavailable, Msg: "the sites of the demo have no content",
	}
}

// copySite returns the present state of a site.
func (e *Engine) copySite(ctx context.Context, op, host string) (engine.Site, error) {
	if err := e.checkUsable(ctx, op); err != nil {
		return engine.Site{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s, err := e.world.findSite(op, host)
	if err != nil {
		return engine.Site{}, err
	}
	return s.Site, nil
}
