package files

import (
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
)

// references collects the site's own files that a page, a style sheet or a script names, and requests their pieces
// before the browser asks for them. Its zero value collects nothing.
type references struct {
	// content is the site; nil collects nothing.
	content engine.Content
	host    string   // the site's
	base    *url.URL // what relative references are relative to
	origin  string   // of the site, as scheme and authority

	seen    map[int]engine.Urgency // by index of the file
	links   int                    // how many files were only linked to when first seen
	misses  int                    // how many references to this site were to no file
	pending []prefetch
}

type prefetch struct {
	urgency engine.Urgency
	entry   engine.Entry
}

const (
	// maxPrefetched is the maximum number of files that are requested for one page.
	maxPrefetched = 256
	// maxLinked is how many of these may be link targets: the parts of the page itself come first.
	maxLinked = maxPrefetched / 2
	// maxMisses is the maximum number of references to files that do not exist: in a large folder, each look-up takes
	// a while.
	maxMisses = 1024
)

// setBase sets the base URL of relative references.
func (r *references) setBase(href string) {
	if u, err := r.base.Parse(href); err == nil && href != "" {
		r.base = u
	}
}

// add adds a reference to a file of this site, unless it was added with the same or a higher urgency.
func (r *references) add(ref string, urgency engine.Urgency) {
	link := urgency == engine.UrgencyLink
	if len(r.seen) >= maxPrefetched || link && r.links >= maxLinked || r.misses >= maxMisses {
		return
	}
	u, err := r.base.Parse(ref)
	if err != nil || u.Path == "" && u.Host == "" {
		return
	}
	own := u.Scheme == "wtp" && strings.EqualFold(u.Host, r.host)
	if !own && u.Scheme+"://"+strings.ToLower(u.Host) != r.origin {
		return
	}
	f := locate(r.content, u.Path)
	if f.kind == kindFolderPath {
		f = locate(r.content, u.Path+"/")
	}
	if f.kind != kindFile {
		r.misses++
		return
	}
	before, again := r.seen[f.entry.Index]
	switch {
	case again && urgency >= before:
		return
	case again:
		r.pending = slices.DeleteFunc(r.pending, func(w prefetch) bool { return w.entry.Index == f.entry.Index })
	case link:
		r.links++
	}
	if r.seen == nil {
		r.seen = map[int]engine.Urgency{}
	}
	r.seen[f.entry.Index] = urgency
	r.pending = append(r.pending, prefetch{urgency, f.entry})
}

// raisePending requests the files that were added since the last call, the most urgent first and otherwise in the
// order of the page.
func (r *references) raisePending() {
	slices.SortStableFunc(r.pending, func(a, b prefetch) int { return int(a.urgency - b.urgency) })
	for len(r.pending) > 0 {
		urgency := r.pending[0].urgency
		var entries []engine.Entry
		for ; len(r.pending) > 0 && r.pending[0].urgency == urgency; r.pending = r.pending[1:] {
			entries = append(entries, r.pending[0].entry)
		}
		r.content.Prefetch(entries, urgency)
	}
	r.pending = nil
}
