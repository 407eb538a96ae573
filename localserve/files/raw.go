package files

import (
	"io"
	"net/http"
	"time"

	"wtptui/engine"
	"wtptui/localserve/pages"
)

// ServeRaw answers a request for a file of one version of a site, by the file's exact path in the torrent without a
// leading slash: with its bytes as they are and no type, by none of the site's rules. It answers 404 if the site has
// another version now. Torrent clients ask so (BEP 19).
func (s *Server) ServeRaw(a *Answer, r *http.Request, host, infohash, name string) {
	s.visit(a, r, nil, host, "/"+name, time.Time{}, func(v *visit) error {
		e, ok := lookup(v.content, name)
		if !ok || v.content.Infohash() != infohash {
			v.fail(pages.Failure{
				Status: http.StatusNotFound, Title: "No such file",
				Text: "This version of the site is not here, or has no such file.",
			})
			return nil
		}
		return v.raw(e)
	})
}

// forEver is what is said of an answer that never changes.
const forEver = "public, max-age=31536000, immutable"

// raw sends a file as it is. An error means that nothing has been sent yet.
func (v *visit) raw(e engine.Entry) error {
	v.a.src = &source{size: e.Size, patience: v.patience, open: func() (io.ReadSeekCloser, error) {
		return v.content.Open(v.patience, e, engine.UrgencyInView)
	}}
	defer v.a.src.Close()
	h := v.a.Header()
	h.Set("Cache-Control", forEver)
	h.Set("Content-Type", octets)
	if validTag(e.Tag) {
		h.Set("ETag", `"`+rawMark+e.Tag+`"`)
		v.r = withPlainTag(v.r, h.Get("ETag"))
	}
	http.ServeContent(v.a, withPlainRange(v.r, e.Size), "", time.Time{}, v.a.src)
	v.a.src.Close()
	return v.a.finish(nil)
}

// rawMark begins the ETag of a file that is sent raw.
const rawMark = "raw-"

// pageWait is how long a question about a site waits for its rules.
const pageWait = time.Second

// IsPage reports whether a request for a path, decoded and with its leading slash, of a site is going to be answered
// with an HTML page: a file, a list of a folder, or what stands for something missing, but no redirect. It reads none
// of the page. What it cannot tell at once it reports to be none.
func (s *Server) IsPage(r *http.Request, host, path string) bool {
	if StartsTwice(path) {
		return false
	}
	page := false
	s.ask(r, host, path, func(v *visit) {
		f, err := v.find()
		switch {
		case err != nil:
		case f.kind == file, f.kind == notFound:
			page = s.isPage(f)
		default:
			page = f.kind == folder || f.kind == nothing
		}
	})
	return page
}

// Has reports whether a site has a file, by its exact path without a leading slash.
func (s *Server) Has(r *http.Request, host, name string) (has bool) {
	s.ask(r, host, "/"+name, func(v *visit) { _, has = lookup(v.content, name) })
	return has
}

// ask has a question about a site answered, if the site is here. Nothing is recorded.
func (s *Server) ask(r *http.Request, host, path string, question func(*visit)) {
	p := newPatience(r.Context(), pageWait, time.Now(), time.Now().Add(pageWait))
	defer p.end()
	content, err := s.cfg.Opener.Open(p, host)
	if err != nil {
		return
	}
	p.opened(content.LastArrival)
	defer content.Close(engine.Request{})
	question(&visit{srv: s, r: r, host: host, path: path, patience: p, content: content})
}

// isPage reports whether a file that was found is an HTML page, as far as that is known.
func (s *Server) isPage(f found) bool {
	e := f.entry
	e.Name = e.Name[:len(e.Name)-len(f.packed)]
	ext := extension(e)
	if !hasType(ext) {
		if known := s.memo.get(e).ctype; known != "" {
			return isHTML(known)
		}
		return pageMakers[ext]
	}
	return isHTML(mediaTypes[ext]) || mediaTypes[ext] == mediaTypes[".xhtml"]
}
