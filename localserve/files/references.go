package files

import (
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
)

// references collects the files of its own site that a page, a style sheet or a script names, and asks for them ahead
// of the browser. Its zero value collects nothing.
type references struct {
	// content is the site; nil collects nothing.
	content engine.Content
	host    string   // the site's
	base    *url.URL // what relative references are relative to
	origin  string   // of the site, as scheme and authority

	seen    map[int]engine.Urgency // by index of the file
	links   int                    // how many files were only linked to when they were seen first
	missed  int                    // how many references to this site were looked up in vain
	pending []wanted
}

type wanted struct {
	urgency engine.Urgency
	entry   engine.Entry
}

const (
	// maxWanted bounds how many files are asked for on behalf of one page.
	maxWanted = 256
	// maxLinked bounds how many of them may be what a person opens next: the page itself comes first.
	maxLinked = maxWanted / 2
	// maxMissed bounds how many references may be to nothing: in a large folder, each look-up takes a while.
	maxMissed = 1024
)

// rebase changes what relative references are relative to.
func (r *references) rebase(href string) {
	if u, err := r.base.Parse(href); err == nil && href != "" {
		r.base = u
	}
}

// add notes a reference if it is to a file of this site that was not noted yet, or not as so urgent.
func (r *references) add(ref string, urgency engine.Urgency) {
	link := urgency == engine.UrgencyLink
	if len(r.seen) >= maxWanted || link && r.links >= maxLinked || r.missed >= maxMissed {
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
	if f.kind == folderPath {
		f = locate(r.content, u.Path+"/")
	}
	if f.kind != file {
		r.missed++
		return
	}
	before, again := r.seen[f.entry.Index]
	switch {
	case again && urgency >= before:
		return
	case again:
		r.pending = slices.DeleteFunc(r.pending, func(w wanted) bool { return w.entry.Index == f.entry.Index })
	case link:
		r.links++
	}
	if r.seen == nil {
		r.seen = map[int]engine.Urgency{}
	}
	r.seen[f.entry.Index] = urgency
	r.pending = append(r.pending, wanted{urgency, f.entry})
}

// raise asks for what was found since the last time, the most urgent first and else in the order of the page.
func (r *references) raise() {
	slices.SortStableFunc(r.pending, func(a, b wanted) int { return int(a.urgency - b.urgency) })
	for len(r.pending) > 0 {
		urgency := r.pending[0].urgency
		var entries []engine.Entry
		for ; len(r.pending) > 0 && r.pending[0].urgency == urgency; r.pending = r.pending[1:] {
			entries = append(entries, r.pending[0].entry)
		}
		r.content.Raise(entries, urgency)
	}
	r.pending = nil
}
