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
	var until time.Time
	if navigation(r) {
		until = a.start.Add(s.cfg.Loading)
	}
	p := newPatience(r.Context(), s.cfg.Patience, a.start, until)
	defer p.end()

	content, err := s.cfg.Opener.Open(p, host)
	if err != nil {
		if s.cfg.Unserved != nil {
			defer func() { s.cfg.Unserved(host, a.record(r)) }()
		}
		s.notServed(a, r, t, host, p.explain(err, "Looking for the site."))
		return
	}
	p.opened(content.LastArrival)
	defer func() { content.Close(a.record(r)) }()
	v := visit{t, host, content, content.NoClearnet(), p}
	if v.noClearnet {
		withoutClearnet(a.Header(), t.port)
	}

	f, err := s.answerFrom(a, r, v)
	if err != nil {
		s.notServed(a, r, t, host, p.explain(err, "Waiting for the first piece of "+engine.Clean(f.entry.Name)+"."))
	}
}

// answerFrom answers from the files of a site. An error means that nothing has been sent yet; f is then what was to be.
func (s *Server) answerFrom(a *answer, r *http.Request, v visit) (f found, err error) {
	f = locate(v.content, v.path)
	if isRuleFile(v.path) {
		f = missing(v.content)
	}
	if packed := packedSibling(v.content, r, v.path, f); packed.coding != "" {
		f = packed
	} else if query := r.URL.RawQuery; query != "" && f.kind != file {
		// A mirror keeps in a file's name the query that it was made from.
		if e, ok := lookup(v.content, strings.TrimPrefix(v.path, "/")+"?"+query); ok {
			f = found{kind: file, entry: e}
		}
	}
	switch {
	case f.kind != file && startsTwice(v.path):
		// In a redirect or a link, a host would be made of what follows.
		s.fail(a, r, *badTarget)
		return f, nil
	case f.kind != file && (f.kind != folderPath || !hasIndex(v.content, f.dir)):
		if done, err := s.fallback(a, r, v); done || err != nil {
			return f, err
		}
	}
	switch f.kind {
	case folderPath:
		redirectToDir(a, r, v.path)
	case folder:
		s.listing(a, r, v.host, f)
	case file, notFound:
		return f, s.file(a, r, v, f)
	case nothing:
		s.failSite(a, r, v.host, failure{http.StatusNotFound, "No such page", fmt.Sprintf("The site has no file %s.", engine.Clean(v.path))})
	}
	return f, nil
}

// file sends a file, or the part of it that is asked for. An error means that nothing has been sent yet.
func (s *Server) file(a *answer, r *http.Request, v visit, f found) error {
	e, page := f.entry, f.coding == "" && mayBePage(f.entry)
	a.src = &source{size: e.Size, patience: v.patience, open: func() (io.ReadSeekCloser, error) { return v.content.Open(v.patience, e, urgencyOf(r, e)) }}
	defer a.src.Close()
	h := a.Header()
	// A browser that never asks again would let the site expire under its reader.
	h.Set("Cache-Control", "no-cache")
	switch {
	case f.kind == notFound:
		if a.override == 0 {
			a.override = http.StatusNotFound
		}
		r = unconditional(r)
	case validTag(e.Tag):
		h.Set("ETag", etag(e.Tag+s.ownETagMark(v), page, v.noClearnet))
	}
	var err error
	if a.charset, err = s.ownHeaders(h, v); err != nil {
		return a.finish(err)
	}
	if f.coding != "" {
		return s.coded(a, r, f)
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
	} else if !asksAgain && isScript(ctype) && r.Header.Get("Range") == "" {
		err = s.raiseImports(a, v, e)
	}
	if !sent && err == nil {
		http.ServeContent(a, withPlainRange(r, e.Size), "", time.Time{}, a.src)
	}
	a.src.Close()
	return a.finish(err)
}

// coded sends a file that is packed as it is, or unpacked to those who do not take it so.
func (s *Server) coded(a *answer, r *http.Request, f found) error {
	h := a.Header()
	plain := f.entry
	plain.Name = strings.TrimSuffix(plain.Name, f.packed)
	ctype, _ := typeOf(plain, facts{}, false)
	if f.packed == "z" {
		ctype = mediaTypes[".svg"]
	}
	h.Set("Content-Type", ctype)
	h["Vary"] = []string{"Accept-Encoding, Sec-Fetch-Dest"}
	if !accepts(r, f.coding) {
		h.Del("ETag")
		return s.unpacked(a)
	}
	h.Set("Content-Encoding", f.coding)
	http.ServeContent(a, withPlainRange(r, f.entry.Size), "", time.Time{}, a.src)
	a.src.Close()
	return a.finish(nil)
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
	// pageMark is for what may be a page or a style sheet: two are the same if their files are, as long as addresses are
	// rewritten in the same way. Whoever changes that way changes the mark.
	pageMark = "-p3"
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
func (s *Server) notServed(a *answer, r *http.Request, t target, host string, err error) {
	switch {
	case r.Context().Err() != nil:
		// Nobody reads the answer, and none may look complete. The deferred calls still record it.
		a.status = statusGone
		panic(http.ErrAbortHandler)
	case engine.KindOf(err) == engine.NotReady && navigation(r):
		s.loading(a, r, t, host, engine.Message(err))
	default:
		f := failureOf(err)
		s.cfg.Log.Debug("localserve: not served", "host", host, "path", r.URL.Path, "status", f.status, "err", err)
		s.failSite(a, r, host, f)
	}
}
