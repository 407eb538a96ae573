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

// visit is one request to a site, from when the site is known until it is answered.
type visit struct {
	srv      *Server
	at       Origin
	a        *Answer
	r        *http.Request
	host     string
	path     string // decoded, with its leading slash
	patience *patience

	// content is the site's, and noClearnet what the person has said of it; both are unknown before the site is open.
	content    engine.Content
	noClearnet bool
}

// rewriting names the way in which addresses are rewritten in the site's files.
func (v *visit) rewriting() string { return v.at.Root() + v.at.Mark() }

// fail answers with a failure that is about the site.
func (v *visit) fail(f pages.Failure) { v.srv.cfg.Pages.FailSite(v.a, v.r, v.host, f) }

// answer answers from the files of the site. An error means that nothing has been sent yet; f is then what was to be.
func (v *visit) answer() (f found, err error) {
	if f, err = v.find(); err != nil {
		return f, err
	}
	switch f.kind {
	case file, notFound:
		return f, v.file(f)
	case folderPath:
		redirectToDir(v.a, v.r, v.path)
	case folder:
		v.srv.listing(v.a, v.r, v.host, f)
	case elsewhere:
		v.lead(f)
	case brokenRules:
		v.fail(pages.Failure{Status: http.StatusInternalServerError, Title: "Broken rules", Text: fmt.Sprintf(
			"The site has no file %s, and its rules may say otherwise: could not parse %s: %s.",
			engine.Clean(v.path), redirectsFile, engine.Clean(f.fault))})
	case nothing:
		if StartsTwice(v.path) {
			v.srv.cfg.Pages.Fail(v.a, v.r, *BadTarget)
			break
		}
		v.fail(pages.Failure{
			Status: http.StatusNotFound, Title: "No such page", Text: "The site has no file " + engine.Clean(v.path) + ".",
		})
	}
	return f, nil
}

// find says what of the site answers. It waits for the site's rules if they are asked.
func (v *visit) find() (found, error) {
	f := locate(v.content, v.path)
	if isRuleFile(v.path) {
		f = missing(v.content)
	}
	if packed := packedSibling(v.content, v.r, v.path, f); packed.coding != "" {
		return packed, nil
	}
	if f.kind == file {
		return f, nil
	}
	if query := v.r.URL.RawQuery; query != "" {
		// A mirror keeps in a file's name the query that it was made from.
		if e, ok := lookup(v.content, strings.TrimPrefix(v.path, "/")+"?"+query); ok {
			return found{kind: file, entry: e}, nil
		}
	}
	switch {
	case StartsTwice(v.path):
		// In a redirect or a link, a host would be made of what follows.
		return found{}, nil
	case f.kind == folderPath && hasIndex(v.content, f.dir):
		return f, nil
	}
	return v.byRules(f)
}

// notServed answers a request whose site or file is not here, for whatever reason.
func (v *visit) notServed(err error) {
	switch {
	case v.r.Context().Err() != nil:
		// Nobody reads the answer, and none may look complete. The deferred calls still record it.
		v.a.status = statusGone
		panic(http.ErrAbortHandler)
	case v.srv.cfg.Loading > 0 && engine.KindOf(err) == engine.NotReady && fetchmeta.Navigation(v.r):
		v.loading(engine.Message(err))
	default:
		f := v.srv.cfg.Explain(err)
		v.srv.cfg.Log.Debug("localserve: not served", "host", v.host, "path", v.r.URL.Path, "status", f.Status, "err", err)
		v.fail(f)
	}
}

// redirectToDir sends the browser from /dir to /dir/, so that relative links in the folder's index work. The path is
// escaped anew and cannot begin with two slashes, as the guard has let it pass; so it never names another host.
func redirectToDir(w http.ResponseWriter, r *http.Request, path string) {
	u := url.URL{Path: path + "/", RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Location", u.String())
	w.WriteHeader(http.StatusMovedPermanently)
}
