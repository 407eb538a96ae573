package files

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"wtptui/engine"
	"wtptui/localserve/fetchmeta"
	"wtptui/localserve/pages"
)

// siteRequest is a request to a site, from when the site is known until it is answered.
type siteRequest struct {
	srv     *Server
	origin  Origin
	resp    *Response
	r       *http.Request
	host    string
	path    string // decoded, with its leading slash
	waitCtx *waitContext

	// content is the site's content, and noClearnet whether the site must not use the clearnet; both are unset before
	// the site is open.
	content    engine.Content
	noClearnet bool
}

// rewriting returns a string that identifies how URLs are rewritten in the site's files.
func (v *siteRequest) rewriting() string { return v.origin.Root() + v.origin.RootsVersion() }

// fail responds with a failure that concerns the site.
func (v *siteRequest) fail(f pages.Failure) { v.srv.cfg.Pages.FailSite(v.resp, v.r, v.host, f) }

// serve serves the request. If it returns an error, nothing was sent, and f is what was to be sent.
func (v *siteRequest) serve() (f resource, err error) {
	if f, err = v.resolve(); err != nil {
		return f, err
	}
	switch f.kind {
	case kindFile, kindNotFound:
		return f, v.sendFile(f)
	case kindFolderPath:
		redirectToDir(v.resp, v.r, v.path)
	case kindFolder:
		v.srv.serveListing(v.resp, v.r, v.host, f)
	case kindRedirect:
		v.redirect(f)
	case kindBrokenRules:
		v.fail(pages.Failure{Status: http.StatusInternalServerError, Title: "Invalid rules", Text: fmt.Sprintf(
			"The site has no file %s. A rule may redirect it, but the site's owner must correct the rules first: "+
				"could not parse %s: %s.",
			engine.Clean(v.path), redirectsFile, engine.Clean(f.fault))})
	case kindNone:
		if StartsWithDoubleSlash(v.path) {
			v.srv.cfg.Pages.Fail(v.resp, v.r, *BadTarget)
			break
		}
		v.fail(pages.Failure{
			Status: http.StatusNotFound, Title: "No such page", Text: "The site has no file " + engine.Clean(v.path) + ".",
		})
	}
	return f, nil
}

// resolve returns the resource to serve. It waits for the site's rules if they are needed.
func (v *siteRequest) resolve() (resource, error) {
	f := locate(v.content, v.path)
	if isRuleFile(v.path) {
		f = notFoundResource(v.content)
	}
	if packed := packedSibling(v.content, v.r, v.path, f); packed.coding != "" {
		return packed, nil
	}
	if f.kind == kindFile {
		return f, nil
	}
	if query := v.r.URL.RawQuery; query != "" {
		// Mirrors store the query of the original URL in a file's name.
		if e, ok := lookUpFile(v.content, strings.TrimPrefix(v.path, "/")+"?"+query); ok {
			return resource{kind: kindFile, entry: e}, nil
		}
	}
	switch {
	case StartsWithDoubleSlash(v.path):
		// In a redirect or a link, the rest would be taken for a host.
		return resource{}, nil
	case f.kind == kindFolderPath && hasIndex(v.content, f.dir):
		return f, nil
	}
	return v.applyRules(f)
}

// serveError responds to a request whose site or file is not available.
func (v *siteRequest) serveError(err error) {
	switch {
	case v.r.Context().Err() != nil:
		// The client is gone, and the response must not look complete. The deferred calls still record it.
		v.resp.status = statusClientGone
		panic(http.ErrAbortHandler)
	case v.srv.cfg.LoadingDelay > 0 && engine.KindOf(err) == engine.NotReady && fetchmeta.Navigation(v.r):
		v.serveLoadingPage(engine.Message(err))
	default:
		f := v.srv.cfg.Explain(err)
		v.srv.cfg.Log.Debug("localserve: not served", "host", v.host, "path", v.r.URL.Path, "status", f.Status, "err", err)
		v.fail(f)
	}
}

// redirectToDir redirects from /dir to /dir/, so that relative links in the folder's index work. The path is escaped
// again and does not begin with two slashes; so it never names another host.
func redirectToDir(w http.ResponseWriter, r *http.Request, path string) {
	u := url.URL{Path: path + "/", RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Location", u.String())
	w.WriteHeader(http.StatusMovedPermanently)
}
