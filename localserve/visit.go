package localserve

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"wtptui/engine"
)

// visit is one request to a site, from when the site is known until it is answered.
type visit struct {
	target
	srv      *Server
	a        *answer
	r        *http.Request
	host     string
	patience *patience

	// content is the site's, and noClearnet what the person has said of it; both are unknown before the site is open.
	content    engine.Content
	noClearnet bool
}

// root is the site's local root URL, without a slash at its end.
func (v *visit) root() string { return origin(v.label+".localhost", v.port) }

// fail answers with a failure that is about the site.
func (v *visit) fail(f failure) { v.srv.pages.failSite(v.a, v.r, v.host, f) }

// site opens the site and answers from its files, as far as they are here.
func (s *Server) site(a *answer, r *http.Request, t target, host string) {
	var until time.Time
	if navigation(r) {
		until = a.start.Add(s.cfg.Loading)
	}
	v := &visit{target: t, srv: s, a: a, r: r, host: host}
	v.patience = newPatience(r.Context(), s.cfg.Patience, a.start, until)
	defer v.patience.end()

	content, err := s.cfg.Opener.Open(v.patience, host)
	if err != nil {
		if s.cfg.Unserved != nil {
			defer func() { s.cfg.Unserved(host, a.record(r)) }()
		}
		v.notServed(v.patience.explain(err, "Looking for the site."))
		return
	}
	v.patience.opened(content.LastArrival)
	defer func() { content.Close(a.record(r)) }()
	v.content, v.noClearnet = content, content.NoClearnet()
	if v.noClearnet {
		withoutClearnet(a.Header(), t.port)
	}
	if f, err := v.answer(); err != nil {
		v.notServed(v.patience.explain(err, "Waiting for the first piece of "+engine.Clean(f.entry.Name)+"."))
	}
}

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
		v.srv.pages.listing(v.a, v.r, v.host, f)
	case elsewhere:
		v.lead(f)
	case brokenRules:
		v.fail(failure{http.StatusInternalServerError, "Broken rules", fmt.Sprintf(
			"The site has no file %s, and its rules may say otherwise: could not parse %s: %s.",
			engine.Clean(v.path), redirectsFile, engine.Clean(f.fault))})
	case nothing:
		if startsTwice(v.path) {
			v.srv.pages.fail(v.a, v.r, *badTarget)
			break
		}
		v.fail(failure{http.StatusNotFound, "No such page", fmt.Sprintf("The site has no file %s.", engine.Clean(v.path))})
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
	case startsTwice(v.path):
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
	case engine.KindOf(err) == engine.NotReady && navigation(v.r):
		v.loading(engine.Message(err))
	default:
		f := failureOf(err)
		v.srv.cfg.Log.Debug("localserve: not served", "host", v.host, "path", v.r.URL.Path, "status", f.status, "err", err)
		v.fail(f)
	}
}
