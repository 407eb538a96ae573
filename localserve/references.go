package localserve

import (
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
)

// references collects the files of its own site that a page, a style sheet or a script names, and asks for them ahead of
// the browser. Its zero value collects nothing.
type references struct {
	// content is the site; nil collects nothing.
	content engine.Content
	host    string   // the site's
	base    *url.URL // what relative references are relative to
	origin  string   // of the site, as scheme and authority

	seen    map[int]bool // indexes of files
	links   int          // how many of them are only linked to
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
)

// rebase changes what relative references are relative to.
func (r *references) rebase(href string) {
	if u, err := r.base.Parse(href); err == nil && href != "" {
		r.base = u
	}
}

// add notes a reference if it is to a file of this site that was not noted yet.
func (r *references) add(ref string, urgency engine.Urgency) {
	link := urgency == engine.UrgencyLink
	if len(r.seen) >= maxWanted || link && r.links >= maxLinked {
		return
	}
	u, err := r.base.Parse(ref)
	if err != nil || u.Path == "" && u.Host == "" {
		return
	}
	if own := u.Scheme == "wtp" && strings.EqualFold(u.Host, r.host); !own && u.Scheme+"://"+strings.ToLower(u.Host) != r.origin {
		return
	}
	f := locate(r.content, u.Path)
	if f.kind == folderPath {
		f = locate(r.content, u.Path+"/")
	}
	if f.kind != file || r.seen[f.entry.Index] {
		return
	}
	if r.seen == nil {
		r.seen = map[int]bool{}
	}
	r.seen[f.entry.Index] = true
	if link {
		r.links++
	}
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
