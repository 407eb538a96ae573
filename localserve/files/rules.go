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

// The files with which a site's owner configures how it is served. They are not served themselves.
const (
	redirectsFile = "_redirects" // the format of Netlify, and IPIP-290
	headersFile   = "_headers"   // the format of Netlify
	fallbackFile  = "200.html"   // served for every missing page that a browser navigates to
)

// isRuleFile reports whether a path, with its leading slash, is that of a rule file, as locate would find it.
func isRuleFile(path string) bool {
	path = collapseSlashes(path)
	return path == "/"+redirectsFile || path == "/"+headersFile
}

// maxRules is the maximum size of a rule file, in bytes (IPIP-290).
const maxRules = 64 << 10

// rules caches the parsed rule files of sites. The zero value is ready.
type rules struct {
	redirects ruleFiles[redirects]
	headers   ruleFiles[[]headerRule]
}

// ruleFiles caches one kind of rule files by their tags. Its zero value is ready.
type ruleFiles[T any] struct {
	mu    sync.Mutex
	byTag map[string]T
}

// maxRuleFiles is the maximum number of cached files of a kind.
const maxRuleFiles = 256

// load returns the result of parse for a file of the requested site. It waits until the file is here.
func (f *ruleFiles[T]) load(v *siteRequest, e engine.Entry, parse func([]byte) T) (T, error) {
	f.mu.Lock()
	cached, ok := f.byTag[e.Tag]
	f.mu.Unlock()
	if ok {
		return cached, nil
	}
	text, err := v.readFile(e)
	if err != nil {
		return cached, err
	}
	parsed := parse(text)
	if e.Tag == "" {
		return parsed, nil // It has no key for the cache.
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byTag == nil || len(f.byTag) >= maxRuleFiles {
		f.byTag = map[string]T{}
	}
	f.byTag[e.Tag] = parsed
	return parsed, nil
}

// readFile reads a small file of the site. It waits until the file is here.
func (v *siteRequest) readFile(e engine.Entry) ([]byte, error) {
	rd, err := v.content.Open(v.waitCtx, e, engine.UrgencyDocument)
	if err != nil {
		return nil, err
	}
	defer rd.Close()
	text := make([]byte, e.Size)
	v.waitCtx.startWait()
	defer v.waitCtx.endWait()
	_, err = io.ReadFull(rd, text)
	return text, err
}

// applyRules returns the resource to serve instead of f, which is not a file, by the rules of the site; f itself if
// none applies.
func (v *siteRequest) applyRules(f resource) (resource, error) {
	rules, err := v.redirects()
	if err != nil {
		return resource{entry: engine.Entry{Name: redirectsFile}}, err
	}
	if to, status, ok := rules.match(v.path); ok {
		if target, ok := ruleTarget(v.content, to, status); ok {
			return target, nil
		}
	}
	// A missing picture must not be replaced by a page.
	if e, ok := lookUpFile(v.content, fallbackFile); ok && acceptsPages(v.r) {
		return resource{kind: kindFile, entry: e}, nil
	}
	if f.kind == kindNone && rules.fault != "" {
		return resource{kind: kindBrokenRules, fault: rules.fault}, nil
	}
	return f, nil
}

// redirects returns the site's rules; none if it has no such file. It waits until they are here.
func (v *siteRequest) redirects() (redirects, error) {
	e, ok := lookUpFile(v.content, redirectsFile)
	switch {
	case !ok:
		return redirects{}, nil
	case e.Size > maxRules:
		return redirects{fault: "a redirects file size cannot exceed 65536 bytes"}, nil
	}
	return v.srv.rules.redirects.load(v, e, func(text []byte) redirects {
		parsed := parseRedirects(text)
		if parsed.fault != "" {
			v.content.RecordWarning("could not parse " + redirectsFile + ", of which the other lines apply: " + parsed.fault)
		}
		return parsed
	})
}

// ruleTarget returns the resource that a rule leads to; false if there is none.
func ruleTarget(c engine.Content, to *url.URL, status int) (f resource, ok bool) {
	isOwnPath := !to.IsAbs() && to.Host == "" && strings.HasPrefix(to.Path, "/") && !StartsWithDoubleSlash(to.Path)
	if status == http.StatusOK || status >= http.StatusBadRequest {
		if f = locate(c, to.Path); !isOwnPath || f.kind != kindFile {
			return resource{}, false
		}
		if f.status = status; status != http.StatusOK {
			f.kind = kindNotFound
		}
		return f, true
	}
	isWebURL := to.Host != "" && (to.Scheme == "http" || to.Scheme == "https")
	return resource{kind: kindRedirect, to: to, status: status}, isOwnPath || isWebURL || to.Scheme == wtpScheme
}

// redirect sends the redirect of a rule: to another path of the site, another site or the clearnet.
func (v *siteRequest) redirect(f resource) {
	to := *f.to
	if to.RawQuery == "" {
		to.RawQuery = v.r.URL.RawQuery
	}
	switch {
	case to.IsAbs() && v.origin.Redirect(v.resp, v.r, f.status, &to):
	case to.IsAbs() && v.noClearnet:
		v.fail(pages.Failure{
			Status: http.StatusForbidden, Title: "Not redirected",
			Text: "This page redirects to " + engine.Clean(to.String()) + ", which is on the clearnet. The site is set to " +
				"\"no clearnet\", so it may not redirect there.",
		})
	default:
		RedirectTo(v.resp, f.status, to.String())
	}
}

// RedirectTo sends a redirect that browsers revalidate each time.
func RedirectTo(w http.ResponseWriter, status int, location string) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Location", location)
	w.WriteHeader(status)
}

// acceptsPages reports whether the response may be a page: for a navigation, or for a client that accepts any type.
func acceptsPages(r *http.Request) bool {
	if fetchmeta.Present(r) {
		switch fetchmeta.Of(r, "Dest") {
		case "document", "iframe", "frame":
			return true
		}
		return false
	}
	accept := r.Header.Get("Accept")
	if accept == "" || strings.Contains(accept, "text/html") {
		return true
	}
	return strings.Contains(accept, "*/*") && !strings.Contains(accept, "image/")
}
