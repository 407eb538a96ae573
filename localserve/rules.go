package localserve

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"wtptui/engine"
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

// of gives what parse makes of a file of the site that is visited. It waits until the file is here.
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

// redirects gives the site's own; none if it has no file of them. It waits until they are here.
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
	own := !to.IsAbs() && to.Host == "" && strings.HasPrefix(to.Path, "/") && !startsTwice(to.Path)
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
	case to.Scheme == wtpScheme, v.isHere(&to):
		v.leadToSite(f.status, to.String())
	case to.IsAbs() && v.noClearnet:
		v.fail(failure{http.StatusForbidden, "Not led away", "This page leads to " + engine.Clean(to.String()) +
			", but the site may not lead to servers on the clearnet: its settings in the dashboard say so."})
	default:
		redirectTo(v.a, f.status, to.String())
	}
}

// isHere reports whether a browser may find this server at an address of the Web: many spellings are its numbers.
func (v *visit) isHere(to *url.URL) bool {
	port, err := strconv.Atoi(cmp.Or(to.Port(), "80"))
	if err != nil || to.Scheme != "http" || strconv.Itoa(port) != v.port {
		return false
	}
	host := strings.TrimRight(to.Hostname(), ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	numeric := last != "" && last[0] >= '0' && last[0] <= '9' || strings.Contains(host, ":")
	return numeric || strings.EqualFold(last, "localhost") || !isASCII([]byte(host))
}

// redirectTo sends the browser elsewhere; it asks again where that is each time.
func redirectTo(w http.ResponseWriter, status int, location string) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Location", location)
	w.WriteHeader(status)
}

// leadToSite sends the browser to a site, by its wtp address or a local one. Another one that is not open yet is left
// to the person, as if any page had led there: with a redirect, the browser would ask in the person's name.
func (v *visit) leadToSite(status int, address string) {
	to, err := engine.ParseAddress(address)
	if err != nil {
		v.fail(failure{http.StatusBadGateway, "Led nowhere", engine.Message(err)})
		return
	}
	label := to.Label
	if label == "" {
		label = engine.Label(to.Host)
	}
	location := to.Resolve(origin(label+".localhost", v.port))
	host, known := v.srv.cfg.Opener.Host(label)
	switch {
	case to.Host == "":
		to.Host = cmp.Or(host, v.srv.hashed.host(label))
	case host == "":
		v.srv.hashed.remember(label, to.Host)
	}
	if known || to.Host == v.host || to.Host == "" { // With a label that is nobody's, nothing is opened.
		redirectTo(v.a, status, location)
		return
	}
	v.srv.pages.confirmOther(v.a, v.r, to.Host, location)
}

// readsPages reports whether what is asked for is to be a page: by a browser that goes there, or by who takes any.
func readsPages(r *http.Request) bool {
	if hasFetchMeta(r) {
		switch fetchMeta(r, "Dest") {
		case "document", "iframe", "frame":
			return true
		}
		return false
	}
	accept := r.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "text/html") || strings.Contains(accept, "*/*") && !strings.Contains(accept, "image/")
}
