package files

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"wtptui/engine"
	"wtptui/localserve/pages"
)

// serveListing serves the listing of a folder without an index page: folders first, each group sorted by name.
func (s *Server) serveListing(w http.ResponseWriter, r *http.Request, host string, f resource) {
	p := pages.Page{
		Status: http.StatusOK, Kind: "listing", Title: "Index of /" + engine.Clean(f.dir), Host: host,
		Path: breadcrumbs(f.dir),
	}
	var files []pages.Row
	var size int64
	for _, e := range f.list {
		l := pages.Row{Name: displayName(e.Name), Link: "./" + url.PathEscape(e.Name), Dir: e.Dir}
		if e.Dir {
			l.Link += "/"
			p.Rows = append(p.Rows, l)
			continue
		}
		l.Size = engine.Bytes(e.Size)
		size += e.Size
		files = append(files, l)
	}
	p.Sum = countText(len(p.Rows), "folder") + ", " + countText(len(files), "file") + ", " + engine.Bytes(size)
	p.Rows = append(p.Rows, files...)
	text := s.cfg.Pages.Render("page", p)
	h := w.Header()
	pages.SetHeaders(h)
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", utf8HTML)
	h.Set("ETag", `"`+listingTagPrefix+textHash(text)+`"`)
	if matchesETag(r.Header["If-None-Match"], h.Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	pages.Respond(w, r, p.Status, text)
}

// listingTagPrefix is the start of the ETags of listings, and of no file.
const listingTagPrefix = "list-"

// breadcrumbs returns the links from the root to a folder, relative to the folder.
func breadcrumbs(dir string) []pages.Crumb {
	if dir == "" {
		return nil
	}
	parts := strings.Split(dir, "/")
	out := make([]pages.Crumb, 0, len(parts))
	for i, name := range parts {
		out = append(out, pages.Crumb{Name: displayName(name), Link: "./" + strings.Repeat("../", len(parts)-1-i)})
	}
	return out
}

func displayName(name string) string {
	if clean := engine.Clean(name); clean != "" {
		return clean
	}
	return "(a name that cannot be shown)"
}

func countText(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// textHash returns a short hash of a text.
func textHash(text []byte) string {
	sum := sha256.Sum256(text)
	return base64.StdEncoding.EncodeToString(sum[:])[:16]
}
