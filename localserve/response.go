package localserve

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"wtptui/engine"
)

// site opens the site and answers from its files, as far as they are here.
func (s *Server) site(a *answer, r *http.Request, t target, host string) {
	wait := s.cfg.FirstByte
	if navigation(r) {
		wait = s.cfg.Loading
	}
	p := newPatience(r.Context(), wait, s.cfg.Stall, a.start)
	defer p.end()

	content, err := s.cfg.Opener.Open(p, host)
	if err != nil {
		if s.cfg.Unserved != nil {
			defer func() { s.cfg.Unserved(host, a.record(r)) }()
		}
		s.notServed(a, r, host, p.explain(err, "Looking for the site."))
		return
	}
	defer func() { content.Close(a.record(r)) }()
	v := visit{t, host, content, content.NoClearnet(), p}
	if v.noClearnet {
		withoutClearnet(a.Header(), t.port)
	}

	f := locate(content, t.path)
	switch f.kind {
	case folderPath:
		redirectToDir(a, r, t.path)
	case folder:
		s.listing(a, r, host, f)
	case file, notFound:
		if err := s.file(a, r, v, f); err != nil {
			s.notServed(a, r, host, p.explain(err, "Waiting for the first piece of "+engine.Clean(f.entry.Name)+"."))
		}
	case nothing:
		s.failSite(a, r, host, failure{http.StatusNotFound, "No such page", fmt.Sprintf("The site has no file %s.", engine.Clean(t.path))})
	}
}

// file sends a file, or the part of it that is asked for. An error means that nothing has been sent yet.
func (s *Server) file(a *answer, r *http.Request, v visit, f found) error {
	e, page := f.entry, mayBePage(f.entry)
	a.src = &source{size: e.Size, patience: v.patience, open: func() (io.ReadSeekCloser, error) { return v.content.Open(v.patience, e, engine.UrgencyDocument) }}
	defer a.src.Close()
	h := a.Header()
	// A browser that never asks again would let the site expire under its reader.
	h.Set("Cache-Control", "no-cache")
	switch {
	case f.kind == notFound:
		a.override = http.StatusNotFound
		r = unconditional(r)
	case validTag(e.Tag):
		h.Set("ETag", etag(e.Tag, page, v.noClearnet))
	}
	asksAgain := a.head || matches(r.Header["If-None-Match"], h.Get("ETag")) // and is sent nothing of the file
	ctype, settled, err := s.typeOf(a.src, e, !asksAgain)
	if err != nil {
		return a.finish(err)
	}
	h.Set("Content-Type", ctype)
	if !settled {
		a.src.least = sniffLen
		a.sniff = func(start []byte) string { return s.memo.sniff(e, start) }
	}
	sent := false
	if page {
		sent, err = s.webPage(a, r, v, e)
	}
	if !sent && err == nil {
		http.ServeContent(a, withPlainRange(r, e.Size), "", time.Time{}, a.src)
	}
	a.src.Close()
	return a.finish(err)
}

// typeOf gives a file's type as far as it is known. If look is set, it is found out by all of a file that is here.
func (s *Server) typeOf(src *source, e engine.Entry, look bool) (ctype string, settled bool, err error) {
	known := s.memo.get(e)
	if ctype, settled = typeOf(e, known, false); settled && (known.typed || known.ctype == "") || e.Size == 0 || !look || !src.complete() {
		return ctype, settled, src.failure()
	}
	if err := s.memo.settle(e, src); err != nil {
		return "", false, err
	}
	return s.memo.get(e).ctype, true, nil
}

// Marks are what an ETag names besides the file's content, as far as what is sent depends on it.
const (
	// pageMark is for what may be a page: two pages are the same if their files are, as long as links are rewritten in the
	// same way. Whoever changes that way changes the mark.
	pageMark = "-p2"
	// noClearnetMark is for the headers that come with "no clearnet": a browser that is told that it has a file already
	// would keep those that it once got with it.
	noClearnetMark = "-n"
)

func etag(tag string, page, noClearnet bool) string {
	if page {
		tag += pageMark
	}
	if noClearnet {
		tag += noClearnetMark
	}
	return `"` + tag + `"`
}

// validTag reports whether a tag may stand between the quotes of an ETag, RFC 9110 section 8.8.3.
func validTag(tag string) bool {
	return tag != "" && !strings.ContainsFunc(tag, func(c rune) bool { return c <= ' ' || c == '"' || c >= 0x7f })
}

// notServed answers a request whose site or file is not here, for whatever reason.
func (s *Server) notServed(a *answer, r *http.Request, host string, err error) {
	switch {
	case r.Context().Err() != nil:
		// Nobody reads the answer, and none may look complete. The deferred calls still record it.
		a.status = statusGone
		panic(http.ErrAbortHandler)
	case engine.KindOf(err) == engine.NotReady && navigation(r):
		s.loading(a, r, host, engine.Message(err))
	default:
		f := failureOf(err)
		s.cfg.Log.Debug("localserve: not served", "host", host, "path", r.URL.Path, "status", f.status, "err", err)
		s.failSite(a, r, host, f)
	}
}
