package sites

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"wtptui/engine"
	"wtptui/engine/publish"
	"wtptui/store"
)

// Publish implements engine.Engine. One folder is published at a time; others wait.
//
// With a name the site is the domain's: it is ours, pinned, and served from our copy whether or not DNS agrees yet.
// Without one it is named by its infohash, which is another one with each version: the site then moves to its new
// address, and its former addresses go on showing what they always showed for as long as those versions are kept.
//
// With a key the site is the key's, or that of the name if there is one too: see publish_key.go.
func (e *Engine) Publish(ctx context.Context, req engine.PublishRequest, progress func(engine.PublishProgress)) (engine.Publication, error) {
	const op = "sites: publish"
	name, err := publishedName(op, req.Name)
	if err != nil {
		return engine.Publication{}, err
	}
	if err := checkKeyName(op, e.cfg.Keys, req.Key); err != nil {
		return engine.Publication{}, err
	}
	publicURL := req.PublicURL
	if publicURL != "" && publicURL != engine.NoPublicURL {
		if publicURL, err = engine.ParsePublicURL(publicURL); err != nil {
			return engine.Publication{}, err
		}
	}
	folder, err := publish.Open(req.Dir)
	if err != nil {
		return engine.Publication{}, err
	}
	defer folder.Close()
	dir := filepath.Clean(req.Dir)
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	return e.publisher.publish(ctx, &edition{
		p: e.publisher, op: op, folder: folder, dir: dir, name: name, publicURL: publicURL, req: req,
		meter: publish.NewMeter(progress),
	})
}

// Ship makes a pinned site of files that come with the program, in the same way. The site is named by its infohash.
func (e *Engine) Ship(ctx context.Context, fsys fs.FS, name string) (engine.Site, error) {
	const op = "sites: publish"
	ed := &edition{p: e.publisher, op: op, folder: publish.Embedded(fsys, name), dir: shipped + name}
	p, err := e.publisher.publish(ctx, ed)
	if err != nil {
		return engine.Site{}, err
	}
	var v engine.Site
	err = e.ask(op, p.Host, func(st *state) error {
		s, err := st.roster.find(op, p.Host)
		if err == nil {
			v = s.view(st.own, st.clock.Now())
		}
		return err
	})
	return v, err
}

// shipped begins what stands for the folder of a site that comes with the program.
const shipped = "shipped:"

func publishedName(op, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	host, err := engine.ParseName(name)
	if err != nil {
		return "", err
	}
	if engine.IsInfohash(host) {
		return "", &engine.Error{Op: op, Kind: engine.Invalid, Msg: "a site's name is a domain, like example.org: its infohash comes of itself"}
	}
	return host, nil
}

// publisher makes folders sites, one at a time.
type publisher struct {
	*asker

	cfg  *Config
	busy chan struct{}
	// signing is full while a record is signed.
	signing chan struct{}
}

// publish makes one edition, from the check to the swap.
func (p *publisher) publish(ctx context.Context, ed *edition) (engine.Publication, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.owner.ctx, func() {
		cancel(&engine.Error{Op: ed.op, Kind: engine.Unavailable, Msg: "the engine is stopping: publish again when it runs"})
	})()
	select {
	case p.busy <- struct{}{}:
		defer func() { <-p.busy }()
	case <-ctx.Done():
		return engine.Publication{}, interrupted(ctx, ed.op)
	}
	err := ed.make(ctx)
	if err != nil && ctx.Err() != nil && !ed.isInstalled {
		err = interrupted(ctx, ed.op)
	}
	return ed.result, err
}

// interrupted is why a publication did not come to its end.
func interrupted(ctx context.Context, op string) error {
	if cause := context.Cause(ctx); engine.KindOf(cause) != engine.Internal {
		return cause
	}
	return &engine.Error{Op: op, Kind: engine.Unavailable, Msg: "stopped: everything is as it was", Err: context.Cause(ctx)}
}

// edition is one publication on its way.
type edition struct {
	p      *publisher
	op     string
	folder *publish.Folder
	dir    string // which folder it is
	name   string // its domain, or empty
	// publicURL is that of the request, as ParsePublicURL returns it.
	publicURL string
	req       engine.PublishRequest
	meter     *publish.Meter

	key      folderKey          // what it is signed with, if anything
	former   *store.Publication // nil when the folder has never been published
	current  string             // what its site serves now, if anything
	base     string             // the version that previous describes, all of which is here
	previous *publish.Previous
	live     *publish.Previous // what is told as the version before: previous, or what the site serves
	plan     *publish.Plan
	same     []int // where each file is in the version before; -1 for those that are new
	meta     publish.Metainfo
	result   engine.Publication
	// isInstalled says that all but its record is done.
	isInstalled bool
}

// make does it all.
func (ed *edition) make(ctx context.Context) error {
	if err := ed.findKey(); err != nil {
		return err
	}
	if err := ed.lookBack(); err != nil {
		return err
	}
	now := ed.p.cfg.Clock.Now()
	var err error
	ed.plan, err = ed.folder.Check(ctx, publish.Rules{
		Domain: ed.name, Keep: ed.req.Keep, LeaveOut: ed.req.LeaveOut, Before: ed.memory(), Now: now,
		MaxFiles: MaxFiles, MaxSize: DefaultSiteSize, CacheSize: DefaultCacheSize,
		Known: func(f publish.File) bool { return !ed.req.Paranoid && ed.previous.Same(f) },
	}, ed.meter)
	if err != nil {
		return err
	}
	ed.result = engine.Publication{
		Files: len(ed.plan.Files), Size: ed.plan.Size, Findings: ed.plan.Findings,
		Added: []string{}, Changed: []string{}, Removed: []string{}, Records: []string{},
		AddedSizes: []int64{}, ChangedSizes: []int64{}, RemovedSizes: []int64{},
		Ignore: append([]string{}, ed.plan.Ignore...),
	}
	ed.meter.Found(ed.plan.Findings)
	if refused := ed.plan.Refused(); len(refused) > 0 {
		first := refused[0]
		return &engine.Error{Op: ed.op, Kind: engine.Refused, Msg: "nothing was published: " + describeRefused(first, len(refused))}
	}
	if err := ed.prepareKey(ctx); err != nil {
		return err
	}
	switch {
	case ed.req.DryRun:
		return ed.rehearse(ctx)
	case ed.req.InPlace:
		err = ed.stayInPlace(ctx)
	default:
		err = ed.takeIn(ctx)
	}
	if err != nil {
		return err
	}
	ed.isInstalled = true
	if ed.req.WriteIgnore {
		if err := ed.folder.AddIgnored(ed.plan.Ignore); err != nil {
			err = &engine.Error{
				Op: ed.op, Host: ed.result.Host, Kind: engine.KindOf(err), Err: err,
				Msg: "the site is published, but " + engine.Message(err),
			}
			return cmp.Or(ed.sign(ctx), err)
		}
	}
	return ed.sign(ctx)
}

// memory is what the last publication left behind; of the decisions nothing when they are to be forgotten.
func (ed *edition) memory() publish.Memory {
	if ed.former == nil {
		return publish.Memory{}
	}
	m := publish.Memory{Known: !ed.former.At.IsZero(), Kept: ed.former.Kept, LeftOut: ed.former.LeftOut, Found: ed.former.Found}
	if ed.req.Fresh {
		m.Kept, m.LeftOut = nil, nil
	}
	return m
}

// remember puts into a record what the next publication has to know of this one.
func (ed *edition) remember(r *store.Publication) {
	m := ed.plan.Memory
	r.Dir, r.Stamps, r.At = ed.dir, ed.plan.Stamps(), ed.p.cfg.Clock.Now().UTC()
	r.Kept, r.LeftOut, r.Found = m.Kept, m.LeftOut, m.Found
	r.Key, r.PublicKey = ed.key.name, ed.key.host()
	switch {
	case ed.publicURL == engine.NoPublicURL:
		r.PublicURL = ""
	case ed.publicURL != "":
		r.PublicURL = ed.publicURL
	case ed.former != nil:
		r.PublicURL = ed.former.PublicURL
	}
}

func describeRefused(first engine.Finding, n int) string {
	what := cmp.Or(first.Path, "the folder") + ": " + first.Why
	if n > 1 {
		what += "; and " + countFindings(n-1)
	}
	return what + ". Leave out what should not be published, or keep what should"
}

// rehearse hashes the folder where it lies and changes nothing.
func (ed *edition) rehearse(ctx context.Context) error {
	if err := ed.compareInPlace(ctx); err != nil {
		return err
	}
	if err := ed.hashInPlace(ctx); err != nil {
		return err
	}
	ed.describe(ed.name)
	return nil
}

// compareInPlace finds the files that the version before has already. Where that is a copy, their bytes count, as when
// the folder is taken in: what a build wrote anew is not told as changed.
func (ed *edition) compareInPlace(ctx context.Context) error {
	if ed.previous != nil && !ed.former.InPlace {
		if in, err := ed.p.cfg.Swarm.Intake(); err == nil { // A full disk is for the publication to tell.
			defer in.Discard()
			return (&copying{edition: ed, in: in}).compare(ctx)
		}
	}
	ed.same = ed.compareTimes(ed.previous)
	return nil
}

// compareTimes finds the files that were not written since a version: their places there, -1 for the others.
func (ed *edition) compareTimes(version *publish.Previous) []int {
	same := make([]int, len(ed.plan.Files))
	for i, f := range ed.plan.Files {
		same[i] = -1
		if !ed.req.Paranoid && version.Same(f) {
			same[i], _ = version.Find(f)
		}
	}
	return same
}

// sameAsLive finds the files that the version has that is told as the one before.
func (ed *edition) sameAsLive() []int {
	if ed.live == ed.previous {
		return ed.same
	}
	return ed.compareTimes(ed.live)
}

// hashInPlace hashes the folder where it lies.
func (ed *edition) hashInPlace(ctx context.Context) (err error) {
	ed.meta, err = publish.Hash(ctx, ed.plan, func(i int) (publish.Bytes, error) { return ed.folder.Bytes(ed.plan.Files[i]) },
		ed.previous.Reuse(ed.plan, ed.same), ed.meter)
	return err
}

// describe fills in what there is to tell; host is empty for a site that would be named by its infohash and is not
// there.
func (ed *edition) describe(host string) {
	r := &ed.result
	r.Host, r.Infohash, r.PieceLength = host, ed.meta.Infohash, ed.meta.PieceLength
	if ed.current != ed.meta.Infohash {
		r.Previous = ed.current
		changes := ed.live.Compare(ed.plan, ed.sameAsLive())
		added, changed, removed := changes.Added, changes.Changed, changes.Removed
		r.Added, r.AddedSizes, r.AddedCount = added.Paths, added.Sizes, added.Count
		r.Changed, r.ChangedSizes, r.ChangedCount = changed.Paths, changed.Sizes, changed.Count
		r.Removed, r.RemovedSizes, r.RemovedCount = removed.Paths, removed.Sizes, removed.Count
		r.Same = changes.Same
	} else { // As a whole it has the same bytes, however they were compared.
		r.Same = len(ed.plan.Files)
		r.Unchanged = ed.name == "" && ed.key.name == "" || ed.name == ed.former.Host
	}
	if host == "" {
		r.URL = "wtp://" + ed.meta.Infohash + "/"
		return
	}
	r.URL = "wtp://" + host + "/"
	r.LocalURL = localURL(host, ed.p.cfg.LocalRoot)
	if engine.IsDomain(host) {
		r.Records = txtRecords(host, ed.meta.Infohash, ed.key.host(), ed.p.cfg.homeTracker().URLs)
	}
}

// txtRecords are the lines of a zone file that make the domain point to the infohash and to the key, which may be
// empty, and name the tracker at which peers are found, for the name itself and for www below it. The names are
// absolute, so that they mean the same whatever zone they are put into.
func txtRecords(domain, infohash, key string, trackers []string) []string {
	names := []string{domain}
	if !strings.HasPrefix(domain, "www.") {
		names = append(names, "www."+domain)
	}
	var records []string
	add := func(text string) {
		for _, name := range names {
			records = append(records, name+`. 300 IN TXT "`+text+`"`)
		}
	}
	add("wtpkey=" + infohash)
	if key != "" {
		add("wtppub=" + key)
	}
	for _, u := range engine.TrackerHints(trackers) {
		add("wtptracker=" + u)
	}
	return records
}

func countFindings(n int) string {
	if n == 1 {
		return "1 more finding"
	}
	return fmt.Sprintf("%d more findings", n)
}
