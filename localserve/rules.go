package localserve

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	redirects "github.com/ipfs/go-ipfs-redirects-file"

	"wtptui/engine"
)

// The files with which a site's owner says how it is served. They are no part of what is served.
const (
	redirectsFile = "_redirects" // as Netlify has it, and IPIP-290
	headersFile   = "_headers"   // as Netlify has it
	fallbackFile  = "200.html"   // what answers any address that a person goes to
)

// isRuleFile reports whether a path, with its leading slash, is that of a file of rules.
func isRuleFile(path string) bool { return path == "/"+redirectsFile || path == "/"+headersFile }

// maxRules is how long a file of rules may be, in bytes (IPIP-290).
const maxRules = redirects.MaxFileSizeInBytes

// rules are what a site's owner has said about how it is served.
type rules struct {
	mu        sync.Mutex
	redirects map[string][]redirects.Rule // by the tag of the file
	headers   map[string][]headerRule
}

// maxRuleFiles bounds how many files of rules are remembered.
const maxRuleFiles = 256

// remembered gives what was made of a file, or makes it. The zero value of m is ready.
func remembered[T any](mu *sync.Mutex, m *map[string][]T, tag string, read func() ([]byte, error), parse func([]byte) []T) ([]T, error) {
	mu.Lock()
	known, ok := (*m)[tag]
	mu.Unlock()
	if ok {
		return known, nil
	}
	text, err := read()
	if err != nil {
		return nil, err
	}
	made := parse(text)
	mu.Lock()
	defer mu.Unlock()
	if *m == nil || len(*m) >= maxRuleFiles {
		*m = map[string][]T{}
	}
	(*m)[tag] = made
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

// rule gives the first rule of the site for a path that names no file of it, if there is one.
func (v *visit) rule() (rule redirects.Rule, ok bool, err error) {
	e, ok := lookup(v.content, redirectsFile)
	if !ok || e.Size > maxRules {
		return redirects.Rule{}, false, nil
	}
	rules := &v.srv.rules
	all, err := remembered(&rules.mu, &rules.redirects, e.Tag, func() ([]byte, error) { return v.read(e) }, parseRedirects)
	if err != nil {
		return redirects.Rule{}, false, err
	}
	path := singleSlashes(v.path)
	for _, rule := range all {
		// With or without a slash at its end, it is the same path to a rule.
		if rule.MatchAndExpandPlaceholders(path) || len(path) > 1 && rule.MatchAndExpandPlaceholders(strings.TrimSuffix(path, "/")) {
			return rule, true, nil
		}
	}
	return redirects.Rule{}, false, nil
}

// byRules says what answers instead of f, which is no file, by the rules of the site; f itself if none applies.
func (v *visit) byRules(f found) (found, error) {
	rule, ok, err := v.rule()
	if err != nil {
		return found{entry: engine.Entry{Name: redirectsFile}}, err
	}
	if ok {
		if led, ok := ruled(v.content, rule); ok {
			return led, nil
		}
	}
	// A picture that is missing is none, whatever pages there are.
	if e, ok := lookup(v.content, fallbackFile); ok && readsPages(v.r) {
		return found{kind: file, entry: e}, nil
	}
	return f, nil
}

// ruled says what a rule leads to. It reports false if that is nowhere.
func ruled(c engine.Content, rule redirects.Rule) (f found, ok bool) {
	to := parsedTarget(rule.To)
	own := !to.IsAbs() && to.Host == "" && strings.HasPrefix(to.Path, "/")
	if rule.Status == http.StatusOK || rule.Status >= http.StatusBadRequest {
		if f = locate(c, to.Path); !own || f.kind != file {
			return found{}, false
		}
		if f.status = rule.Status; f.status != http.StatusOK {
			f.kind = notFound
		}
		return f, true
	}
	web := to.Host != "" && (to.Scheme == "http" || to.Scheme == "https")
	return found{kind: elsewhere, to: to, status: rule.Status}, own || web || to.Scheme == wtpScheme
}

// wtpScheme is that of wtp addresses, as url.Parse gives it.
const wtpScheme = "wtp"

// statuses are those that a rule may have: what else is written is no rule.
var statuses = map[int]bool{200: true, 301: true, 302: true, 303: true, 307: true, 308: true, 404: true, 410: true, 451: true}

// parseRedirects reads a file line by line: one that is wrong takes none of the others with it.
func parseRedirects(text []byte) []redirects.Rule {
	var all []redirects.Rule
	for line := range bytes.Lines(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))) {
		rule, ok := parseRedirect(strings.Fields(string(line)))
		if ok {
			all = append(all, rule)
		}
	}
	return all
}

// parseRedirect reads one rule. The library takes no target of a scheme that is ours.
func parseRedirect(fields []string) (redirects.Rule, bool) {
	to := ""
	if len(fields) > 1 && strings.HasPrefix(strings.ToLower(fields[1]), "wtp://") {
		to, fields[1] = fields[1], "/"
	}
	parsed, err := redirects.ParseString(strings.Join(fields, " "))
	if err != nil || len(parsed) != 1 || !statuses[parsed[0].Status] {
		return redirects.Rule{}, false
	}
	if to != "" {
		parsed[0].To = to
	}
	return parsed[0], true
}

// lead sends the browser where a rule leads: elsewhere in the site, to another one or to the clearnet.
func (v *visit) lead(f found) {
	to := *f.to
	if to.RawQuery == "" {
		to.RawQuery = v.r.URL.RawQuery
	}
	switch {
	case to.Scheme == wtpScheme:
		v.leadToSite(f.status, to.String())
	case to.IsAbs() && v.noClearnet:
		v.fail(failure{http.StatusForbidden, "Not led away", "This page leads to " + engine.Clean(to.String()) +
			", but the site may not lead to servers on the clearnet: its settings in the dashboard say so."})
	default:
		redirectTo(v.a, f.status, to.String())
	}
}

// parsedTarget reads where a rule leads; what cannot be read leads nowhere.
func parsedTarget(target string) *url.URL {
	to, err := url.Parse(target)
	if err != nil {
		return &url.URL{}
	}
	return to
}

// redirectTo sends the browser elsewhere; it asks again where that is each time.
func redirectTo(w http.ResponseWriter, status int, location string) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Location", location)
	w.WriteHeader(status)
}

// leadToSite sends the browser to a wtp address. Another site that is not open yet is left to the person, as if any
// page had led there: with a redirect, the browser would ask in the person's name.
func (v *visit) leadToSite(status int, address string) {
	to, err := engine.ParseAddress(address)
	if err != nil {
		v.fail(failure{http.StatusBadGateway, "Led nowhere", engine.Message(err)})
		return
	}
	label := engine.Label(to.Host)
	location := to.Resolve(origin(label+".localhost", v.port))
	host, known := v.srv.cfg.Opener.Host(label)
	if host == "" {
		v.srv.hashed.remember(label, to.Host)
	}
	if known || to.Host == v.host {
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
