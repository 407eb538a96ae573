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
// With a name the site is the domain's: it is own and pinned, and served from the copy here whether or not DNS agrees
// yet. Without one it is named by its infohash, which changes with each version: the site then moves to its new
// address, and its former addresses show the former versions for as long as these are kept.
//
// With a key the site is the key's, or the domain's if there is a name too: see publish_key.go.
func (e *Engine) Publish(
	ctx context.Context, req engine.PublishRequest, progress func(engine.PublishProgress),
) (engine.Publication, error) {
	const op = "sites: publish"
	name, err := parseSiteName(op, req.Name)
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
	return e.publisher.publish(ctx, &publishJob{
		p: e.publisher, op: op, folder: folder, dir: dir, name: name, publicURL: publicURL, req: req,
		meter: publish.NewMeter(progress),
	})
}

// Ship publishes files that come with the program as a pinned site, named by its infohash.
func (e *Engine) Ship(ctx context.Context, fsys fs.FS, name string) (engine.Site, error) {
	const op = "sites: publish"
	job := &publishJob{p: e.publisher, op: op, folder: publish.OpenEmbedded(fsys, name), dir: shippedPrefix + name}
	p, err := e.publisher.publish(ctx, job)
	if err != nil {
		return engine.Site{}, err
	}
	var v engine.Site
	err = e.withState(op, p.Host, func(st *state) error {
		s, err := st.roster.find(op, p.Host)
		if err == nil {
			v = s.view(st.own, st.clock.Now())
		}
		return err
	})
	return v, err
}

// shippedPrefix begins the Dir of a publication that comes with the program.
const shippedPrefix = "shipped:"

func parseSiteName(op, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	host, err := engine.ParseName(name)
	if err != nil {
		return "", err
	}
	if engine.IsInfohash(host) {
		return "", &engine.Error{
			Op: op, Kind: engine.Invalid,
			Msg: "a site's name is a domain, like example.org: leave it out to name the site by its infohash",
		}
	}
	return host, nil
}

// publisher publishes folders, one at a time.
type publisher struct {
	*stateAccess

	cfg         *Config
	publishSlot chan struct{}
	// signSlot is full while a record is being signed.
	signSlot chan struct{}
}

// publish runs one publishJob.
func (p *publisher) publish(ctx context.Context, job *publishJob) (engine.Publication, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.owner.ctx, func() {
		cancel(&engine.Error{Op: job.op, Kind: engine.Unavailable, Msg: "the engine is stopping: publish again when it runs"})
	})()
	select {
	case p.publishSlot <- struct{}{}:
		defer func() { <-p.publishSlot }()
	case <-ctx.Done():
		return engine.Publication{}, interruptedError(ctx, job.op)
	}
	err := job.run(ctx)
	if err != nil && ctx.Err() != nil && !job.isInstalled {
		err = interruptedError(ctx, job.op)
	}
	return job.result, err
}

// interruptedError returns why a publication was interrupted.
func interruptedError(ctx context.Context, op string) error {
	if cause := context.Cause(ctx); engine.KindOf(cause) != engine.Internal {
		return cause
	}
	return &engine.Error{
		Op: op, Kind: engine.Unavailable, Msg: "stopped: nothing was changed", Err: context.Cause(ctx),
	}
}

// publishJob is one publication in progress.
type publishJob struct {
	p      *publisher
	op     string
	folder *publish.Folder
	dir    string // the folder's path without symbolic links
	name   string // its domain or key; may be empty
	// publicURL is the request's, as ParsePublicURL returns it.
	publicURL string
	req       engine.PublishRequest
	meter     *publish.Meter

	key      folderKey          // the signing key; zero if none
	former   *store.Publication // the publication before; nil if there is none
	served   string             // the infohash that its site serves now; may be empty
	base     string             // the version that previous describes, all of which is here
	previous *publish.Previous
	compared *publish.Previous // the version that changes are reported against: previous, or what is served
	plan     *publish.Plan
	same     []int // index of each file in previous; -1 for new ones
	meta     publish.Metainfo
	result   engine.Publication
	// isInstalled reports whether everything but the record is done.
	isInstalled bool
}

// run runs the job.
func (job *publishJob) run(ctx context.Context) error {
	if err := job.findKey(); err != nil {
		return err
	}
	if err := job.findFormer(); err != nil {
		return err
	}
	now := job.p.cfg.Clock.Now()
	var err error
	job.plan, err = job.folder.Check(ctx, publish.Rules{
		Domain: job.name, Keep: job.req.Keep, LeaveOut: job.req.LeaveOut, Before: job.memory(), Now: now,
		MaxFiles: MaxFiles, MaxSize: DefaultSiteSize, CacheSize: DefaultCacheSize,
		Known: func(f publish.File) bool { return !job.req.Paranoid && job.previous.Same(f) },
	}, job.meter)
	if err != nil {
		return err
	}
	job.result = engine.Publication{
		Files: len(job.plan.Files), Size: job.plan.Size, Findings: job.plan.Findings,
		Added: []string{}, Changed: []string{}, Removed: []string{}, Records: []string{},
		AddedSizes: []int64{}, ChangedSizes: []int64{}, RemovedSizes: []int64{},
		Ignore: append([]string{}, job.plan.Ignore...),
	}
	job.meter.Found(job.plan.Findings)
	if refused := job.plan.Refused(); len(refused) > 0 {
		first := refused[0]
		return &engine.Error{
			Op: job.op, Kind: engine.Refused, Msg: "nothing was published: " + describeRefused(first, len(refused)),
		}
	}
	if err := job.prepareKey(ctx); err != nil {
		return err
	}
	switch {
	case job.req.DryRun:
		return job.dryRun(ctx)
	case job.req.InPlace:
		err = job.publishInPlace(ctx)
	default:
		err = job.publishCopy(ctx)
	}
	if err != nil {
		return err
	}
	job.isInstalled = true
	if job.req.WriteIgnore {
		if err := job.folder.AddIgnored(job.plan.Ignore); err != nil {
			err = &engine.Error{
				Op: job.op, Host: job.result.Host, Kind: engine.KindOf(err), Err: err,
				Msg: "the site is published, but " + engine.Message(err),
			}
			return cmp.Or(job.sign(ctx), err)
		}
	}
	return job.sign(ctx)
}

// memory returns what is remembered from the last publication, without its decisions if the request is Fresh.
func (job *publishJob) memory() publish.Memory {
	if job.former == nil {
		return publish.Memory{}
	}
	m := publish.Memory{
		Known: !job.former.At.IsZero(), Kept: job.former.Kept, LeftOut: job.former.LeftOut, Found: job.former.Found,
	}
	if job.req.Fresh {
		m.Kept, m.LeftOut = nil, nil
	}
	return m
}

// fillRecord sets what the next publication needs to know about this one.
func (job *publishJob) fillRecord(r *store.Publication) {
	m := job.plan.Memory
	r.Dir, r.Stamps, r.At = job.dir, job.plan.Stamps(), job.p.cfg.Clock.Now().UTC()
	r.Kept, r.LeftOut, r.Found = m.Kept, m.LeftOut, m.Found
	r.Key, r.PublicKey = job.key.name, job.key.host()
	switch {
	case job.publicURL == engine.NoPublicURL:
		r.PublicURL = ""
	case job.publicURL != "":
		r.PublicURL = job.publicURL
	case job.former != nil:
		r.PublicURL = job.former.PublicURL
	}
}

func describeRefused(first engine.Finding, n int) string {
	what := cmp.Or(first.Path, "the folder") + ": " + first.Why
	if n > 1 {
		what += "; and " + countFindings(n-1)
	}
	return what + ". Leave out what should not be published, or keep what should"
}

// dryRun hashes the folder in place and changes nothing.
func (job *publishJob) dryRun(ctx context.Context) error {
	if err := job.compareInPlace(ctx); err != nil {
		return err
	}
	if err := job.hashInPlace(ctx); err != nil {
		return err
	}
	job.fillResult(job.name)
	return nil
}

// compareInPlace finds the files that the previous version has already. If that is a copy their bytes are compared, as
// by publishCopy, so that files rewritten with the same content do not count as changed.
func (job *publishJob) compareInPlace(ctx context.Context) error {
	if job.previous != nil && !job.former.InPlace {
		if in, err := job.p.cfg.Swarm.Intake(); err == nil { // A full disk is reported by the real publication.
			defer in.Discard()
			return (&copyJob{publishJob: job, intake: in}).compare(ctx)
		}
	}
	job.same = job.compareTimes(job.previous)
	return nil
}

// compareTimes finds the files that have not been written since a version. It returns their indexes there, -1 for
// others.
func (job *publishJob) compareTimes(version *publish.Previous) []int {
	same := make([]int, len(job.plan.Files))
	for i, f := range job.plan.Files {
		same[i] = -1
		if !job.req.Paranoid && version.Same(f) {
			same[i], _ = version.Find(f)
		}
	}
	return same
}

// sameAsCompared finds the files that the compared version has.
func (job *publishJob) sameAsCompared() []int {
	if job.compared == job.previous {
		return job.same
	}
	return job.compareTimes(job.compared)
}

// hashInPlace hashes the folder in place.
func (job *publishJob) hashInPlace(ctx context.Context) (err error) {
	job.meta,
		err = publish.Hash(ctx, job.plan, func(i int) (publish.Bytes, error) { return job.folder.Bytes(job.plan.Files[i]) },
		job.previous.Reuse(job.plan, job.same), job.meter)
	return err
}

// fillResult sets the result. host is empty for a dry run of a site that would be named by its infohash.
func (job *publishJob) fillResult(host string) {
	r := &job.result
	r.Host, r.Infohash, r.PieceLength = host, job.meta.Infohash, job.meta.PieceLength
	if job.served != job.meta.Infohash {
		r.Previous = job.served
		changes := job.compared.Compare(job.plan, job.sameAsCompared())
		added, changed, removed := changes.Added, changes.Changed, changes.Removed
		r.Added, r.AddedSizes, r.AddedCount = added.Paths, added.Sizes, added.Count
		r.Changed, r.ChangedSizes, r.ChangedCount = changed.Paths, changed.Sizes, changed.Count
		r.Removed, r.RemovedSizes, r.RemovedCount = removed.Paths, removed.Sizes, removed.Count
		r.Same = changes.Same
	} else { // All bytes are the same, however they were compared.
		r.Same = len(job.plan.Files)
		r.Unchanged = job.name == "" && job.key.name == "" || job.name == job.former.Host
	}
	if host == "" {
		r.URL = "wtp://" + job.meta.Infohash + "/"
		return
	}
	r.URL = "wtp://" + host + "/"
	r.LocalURL = localURL(host, job.p.cfg.LocalRoot)
	if engine.IsDomain(host) {
		r.Records = txtRecords(host, job.meta.Infohash, job.key.host(), job.p.cfg.homeTracker().URLs)
	}
}

// txtRecords returns zone file lines, for the domain and for www below it, that name the infohash, the key if there is
// one, and the trackers. The names are absolute, so that they mean the same in any zone.
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
