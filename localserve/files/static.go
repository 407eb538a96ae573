package files

import (
	"net/http"

	"wtptui/localserve/pages"
)

// Static is a file of the server itself, in memory.
type Static struct {
	Body []byte
	// Gzip is the body, compressed; nil if it is not.
	Gzip []byte
	Type string // the media type
	// Tag identifies the body; empty if the file needs no ETag.
	Tag string
	// Immutable reports whether the answer never changes; otherwise browsers ask again each time.
	Immutable bool
}

// SendStatic sends a file of the server itself as a whole. It ignores Range, which is allowed (RFC 9110, section 14.2).
func (resp *Response) SendStatic(r *http.Request, f Static) {
	h, body, tag := resp.Header(), f.Body, f.Tag
	h.Set("Cache-Control", "no-cache")
	if f.Immutable {
		h.Set("Cache-Control", forEver)
	}
	if f.Gzip != nil {
		h.Add("Vary", "Accept-Encoding")
		if acceptsCoding(r, "gzip") {
			h.Set("Content-Encoding", "gzip")
			body, tag = f.Gzip, tag+"-gzip"
		}
	}
	if validTag(f.Tag) {
		h.Set("ETag", `"`+tag+`"`)
		if matchesETag(r.Header["If-None-Match"], h.Get("ETag")) {
			h.Del("Content-Encoding")
			resp.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", f.Type)
	pages.Respond(resp, r, http.StatusOK, body)
}
