package files

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"wtptui/engine"
	"wtptui/localserve/fetchmeta"
	"wtptui/localserve/pages"
)

// The files with which a site's owner says how it is served. They are no part of what is served.
const (
	redirectsFile = "_redirects" // as Netlify has it, and IPIP-290
	headersFile   = "_headers"   // as Netlify has it
	fallbackFile  = "200.html"   // what answers any address that a person goes to
)

// isRuleFile reports whether a path, with its leading slash, is that of a file of rules, as
// locate would find it.
func isRuleFile(path string) bool {
	path = singleSlashes(path)
	return path == "/"+redirectsFile || path == "/"+headersFile
}

// maxRules is how long a file of rules may be, in bytes (IPIP-290).
const maxRules = 64 << 10

// rules are what sites' owners have said about how their sites are served. The zero value is ready.
type rules struct {
	redirects ruleFiles[redirects]
	headers   ruleFiles[[]headerRule]
}

// ruleFiles remembers what was made of files of rules, by their tags. Its zero value is ready.
type ruleFiles[T any] struct {
	mu    sync.Mutex
	known map[string]T
}

// maxRuleFiles bounds how many files of rules are remembered.
const maxRuleFiles = 256

// of returns what parse makes of a file of the site that is visited. It waits until the file is here.
func (f *ruleFiles[T]) of(v *visit, e engine.Entry, parse func([]byte) T) (T, error) {
	f.mu.Lock()
	known, ok := f.known[e.Tag]
	f.mu.Unlock()
	if ok {
		return known, nil
	}
	text, err := v.read(e)
	if err != nil {
		return known, err
	}
	made := parse(text)
	if e.Tag == "" {
		return made, nil // It is not known again.
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil || len(f.known) >= maxRuleFiles {
		f.known = map[string]T{}
	}
	f.known[e.Tag] = made
	return made, nil
}

// read reads a small file of the site; it waits until it is here.
func (v *visit) read(e engine.Entry) ([]byte, error) {
	rd, err := v.content.Open(v.patience, e, engine.UrgencyDocument)
	if err != nil {
		return nil, err
	}
	defer rd.Close()
	text := make([]byte, e.Size)
	v.patience.wait()
	defer v.patience.done()
	_, err = io.ReadFull(rd, text)
	return text, err
}

// byRules says what answers instead of f, which is no file, by the rules of the site; f itself if none applies.
func (v *visit) byRules(f found) (found, error) {
	rules, err := v.redirects()
	if err != nil {
		return found{entry: engine.Entry{Name: redirectsFile}}, err
	}
	if to, status, ok := rules.match(v.path); ok {
		if led, ok := ruled(v.content, to, status); ok {
			return led, nil
		}
	}
	// A picture that is missing is none, whatever pages there are.
	if e, ok := lookup(v.content, fallbackFile); ok && readsPages(v.r) {
		return found{kind: file, entry: e}, nil
	}
	if f.kind == nothing && rules.fault != "" {
		return found{kind: brokenRules, fault: rules.fault}, nil
	}
	return f, nil
}

// redirects returns the site's own; none if it has no file of them. It waits until they are here.
func (v *visit) redirects() (redirects, error) {
	e, ok := lookup(v.content, redirectsFile)
	switch {
	case !ok:
		return redirects{}, nil
	case e.Size > maxRules:
		return redirects{fault: "a redirects file size cannot exceed 65536 bytes"}, nil
	}
	return v.srv.rules.redirects.of(v, e, func(text []byte) redirects {
		parsed := parseRedirects(text)
		if parsed.fault != "" {
			v.content.Note("could not parse " + redirectsFile + ", of which the other lines apply: " + parsed.fault)
		}
		return parsed
	})
}

// ruled says what a rule leads to. It reports false if that is nowhere.
func ruled(c engine.Content, to *url.URL, status int) (f found, ok bool) {
	own := !to.IsAbs() && to.Host == "" && strings.HasPrefix(to.Path, "/") && !StartsTwice(to.Path)
	if status == http.StatusOK || status >= http.StatusBadRequest {
		if f = locate(c, to.Path); !own || f.kind != file {
			return found{}, false
		}
		if f.status = status; status != http.StatusOK {
			f.kind = notFound
		}
		return f, true
	}
	web := to.Host != "" && (to.Scheme == "http" || to.Scheme == "https")
	return found{kind: elsewhere, to: to, status: status}, own || web || to.Scheme == wtpScheme
}

// lead sends the browser where a rule leads: elsewhere in the site, to another one or to the clearnet.
func (v *visit) lead(f found) {
	to := *f.to
	if to.RawQuery == "" {
		to.RawQuery = v.r.URL.RawQuery
	}
	switch {
	case to.IsAbs() && v.at.Lead(v.a, v.r, f.status, &to):
	case to.IsAbs() && v.noClearnet:
		v.fail(pages.Failure{Status: http.StatusForbidden, Title: "Not led away", Text: "This page leads to " +
			engine.Clean(to.String()) + ", but the site may not lead to servers on the clearnet."})
	default:
		RedirectTo(v.a, f.status, to.String())
	}
}

// RedirectTo sends the browser elsewhere; it asks again where that is each time.
func RedirectTo(w http.ResponseWriter, status int, location string) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Location", location)
	w.WriteHeader(status)
}

// readsPages reports whether what is asked for is to be a page: by a browser that goes there, or by who takes any.
func readsPages(r *http.Request) bool {
	if fetchmeta.Present(r) {
		switch fetchmeta.Of(r, "Dest") {
		case "document", "iframe", "frame":
			return true
		}
		return false
	}
	accept := r.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "text/html") || strings.Contains(accept, "*/*") && !strings.Contains(accept, "image/")
}
