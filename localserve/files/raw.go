package files

import (
	"io"
	"net/http"
	"time"

	"wtptui/engine"
	"wtptui/localserve/pages"
)

// ServeRaw serves a file of one version of a site by its exact path in the torrent, without a leading slash: as it is,
// without a type, and without the site's rules. It responds with 404 if the site has a different version now. Torrent
// clients make such requests (BEP 19).
func (s *Server) ServeRaw(resp *Response, r *http.Request, host, infohash, name string) {
	s.withSite(resp, r, nil, host, "/"+name, time.Time{}, func(v *siteRequest) error {
		e, ok := lookUpFile(v.content, name)
		if !ok || v.content.Infohash() != infohash {
			v.fail(pages.Failure{
				Status: http.StatusNotFound, Title: "No such file",
				Text: "This server does not have this version of the site, or the version has no such file.",
			})
			return nil
		}
		return v.sendRaw(e)
	})
}

// forEver is the Cache-Control of a response that never changes.
const forEver = "public, max-age=31536000, immutable"

// sendRaw sends a file as it is. If it returns an error, nothing was sent.
func (v *siteRequest) sendRaw(e engine.Entry) error {
	v.resp.source = &source{size: e.Size, waitCtx: v.waitCtx, open: func() (io.ReadSeekCloser, error) {
		return v.content.Open(v.waitCtx, e, engine.UrgencyInView)
	}}
	defer v.resp.source.Close()
	h := v.resp.Header()
	h.Set("Cache-Control", forEver)
	h.Set("Content-Type", octetStream)
	if validTag(e.Tag) {
		h.Set("ETag", `"`+rawTagPrefix+e.Tag+`"`)
		v.r = normalizeETag(v.r, h.Get("ETag"))
	}
	http.ServeContent(v.resp, normalizeRange(v.r, e.Size), "", time.Time{}, v.resp.source)
	v.resp.source.Close()
	return v.resp.finish(nil)
}

// rawTagPrefix is the start of the ETag of a file that is sent raw.
const rawTagPrefix = "raw-"

// pageWait is how long IsPage and Has wait for a site and its rules.
const pageWait = time.Second

// IsPage reports whether the response to a request for a path of a site, decoded and with its leading slash, will be
// an HTML page: a file, a listing, or a 404 page, but not a redirect. It does not read the page, and returns false if
// that cannot be determined at once.
func (s *Server) IsPage(r *http.Request, host, path string) bool {
	if StartsWithDoubleSlash(path) {
		return false
	}
	page := false
	s.inspect(r, host, path, func(v *siteRequest) {
		f, err := v.resolve()
		switch {
		case err != nil:
		case f.kind == kindFile, f.kind == kindNotFound:
			page = s.isPage(f)
		default:
			page = f.kind == kindFolder || f.kind == kindNone
		}
	})
	return page
}

// Has reports whether a site has a file, by its exact path without a leading slash.
func (s *Server) Has(r *http.Request, host, name string) (has bool) {
	s.inspect(r, host, "/"+name, func(v *siteRequest) { _, has = lookUpFile(v.content, name) })
	return has
}

// inspect calls check with the request for a site that is here. Nothing is recorded.
func (s *Server) inspect(r *http.Request, host, path string, check func(*siteRequest)) {
	p := newWaitContext(r.Context(), pageWait, time.Now(), time.Now().Add(pageWait))
	defer p.stop()
	content, err := s.cfg.Opener.Open(p, host)
	if err != nil {
		return
	}
	p.siteOpened(content.LastArrival)
	defer content.Close(engine.Request{})
	check(&siteRequest{srv: s, r: r, host: host, path: path, waitCtx: p, content: content})
}

// isPage reports whether a resource is an HTML page, as far as that is known.
func (s *Server) isPage(f resource) bool {
	e := f.entry
	e.Name = e.Name[:len(e.Name)-len(f.packed)]
	ext := extension(e)
	if !hasType(ext) {
		if known := s.facts.get(e).ctype; known != "" {
			return isHTML(known)
		}
		return pageExtensions[ext]
	}
	return isHTML(mediaTypes[ext]) || mediaTypes[ext] == mediaTypes[".xhtml"]
}
