package localserve

import (
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
)

// The order in which a browser will want what a page names.
const (
	wantStyle = iota
	wantScript
	wantImage
	wantFont // and all else that the page itself shows
	wantLink // what a person may open next
)

// references collects the files of its own site that a page names, and asks for them ahead of the browser. Its zero
// value collects nothing.
type references struct {
	// content is the site; nil collects nothing.
	content engine.Content
	host    string   // the site's
	base    *url.URL // what relative references are relative to
	origin  string   // of the site, as scheme and authority
	based   bool     // a base element was seen

	seen    map[int]bool // indexes of files
	pending []wanted
}

type wanted struct {
	rank  int
	entry engine.Entry
}

// maxWanted bounds how many files are asked for on behalf of one page.
const maxWanted = 256

// loads are the elements, besides those that navigate, that name a file.
var loads = map[string]bool{
	"link": true, "script": true, "img": true, "source": true, "video": true, "audio": true, "track": true,
	"iframe": true, "embed": true, "object": true, "image": true, "use": true,
}

// tag notes what an element names. value gives an attribute's value.
func (r *references) tag(name string, attrs []attribute, value func(attribute) string) {
	if r.content == nil {
		return
	}
	get := func(want string) string {
		for _, a := range attrs {
			if a.name == want {
				return value(a)
			}
		}
		return ""
	}
	switch name {
	case "base":
		r.rebase(get("href"))
	case "a", "area":
		r.add(wantLink, get("href"))
	case "link":
		r.add(linkRank(get("rel"), get("as")), get("href"))
	case "script":
		r.add(wantScript, get("src"))
	case "img", "source", "input":
		r.add(wantImage, get("src"))
		r.add(wantImage, firstCandidate(get("srcset")))
	case "image", "use":
		r.add(wantImage, get("href"))
		r.add(wantImage, get("xlink:href"))
	case "video":
		r.add(wantImage, get("poster"))
		r.add(wantFont, get("src"))
	case "object":
		r.add(wantFont, get("data"))
	default:
		r.add(wantFont, get("src"))
	}
}

// linkRank tells when what a link element names is wanted.
func linkRank(rel, as string) int {
	rel = strings.ToLower(rel)
	switch {
	case strings.Contains(rel, "stylesheet"):
		return wantStyle
	case strings.Contains(rel, "modulepreload"):
		return wantScript
	case strings.Contains(rel, "preload"):
		switch strings.ToLower(as) {
		case "style":
			return wantStyle
		case "script":
			return wantScript
		case "image":
			return wantImage
		}
		return wantFont
	case strings.Contains(rel, "icon"):
		return wantImage
	case strings.Contains(rel, "manifest"):
		return wantFont
	}
	return wantLink
}

// firstCandidate gives the first image of a srcset: which one the browser takes cannot be known here.
func firstCandidate(srcset string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(srcset), " ")
	return strings.TrimSuffix(first, ",")
}

// style notes what a style sheet in the page names: fonts, pictures and further sheets.
func (r *references) style(css string) {
	if r.content == nil {
		return
	}
	for {
		_, rest, ok := strings.Cut(css, "url(")
		if !ok {
			return
		}
		var ref string
		if ref, css, ok = strings.Cut(rest, ")"); ok {
			r.add(wantFont, strings.Trim(strings.TrimSpace(ref), `"'`))
		}
	}
}

func (r *references) rebase(href string) {
	if u, err := r.base.Parse(strings.TrimSpace(href)); err == nil && !r.based && href != "" {
		r.base, r.based = u, true
	}
}

// add notes a reference if it is to a file of this site that was not noted yet.
func (r *references) add(rank int, ref string) {
	ref = strings.TrimSpace(ref)
	if ref == "" || ref[0] == '#' || len(r.seen) >= maxWanted {
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
	r.pending = append(r.pending, wanted{rank, f.entry})
}

// raise asks for what was found since the last time, in the order in which it will be wanted.
func (r *references) raise() {
	if len(r.pending) == 0 {
		return
	}
	slices.SortStableFunc(r.pending, func(a, b wanted) int { return a.rank - b.rank })
	for len(r.pending) > 0 {
		rank := r.pending[0].rank
		var entries []engine.Entry
		for ; len(r.pending) > 0 && r.pending[0].rank == rank; r.pending = r.pending[1:] {
			entries = append(entries, r.pending[0].entry)
		}
		r.content.Raise(entries, urgencies[rank])
	}
	r.pending = nil
}

var urgencies = [...]engine.Urgency{
	wantStyle: engine.UrgencyBlocking, wantScript: engine.UrgencyBlocking, wantImage: engine.UrgencyInView,
	wantFont: engine.UrgencyFont, wantLink: engine.UrgencyLink,
}
