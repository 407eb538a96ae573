package localserve

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"wtptui/engine"
)

//go:embed pages
var pageFiles embed.FS

// The templates and the policy of all pages of our own: no script, no request, one style sheet known by its hash.
var (
	style      = readPage("pages/style.css")
	stylePlace = "{{/* style */}}"
	templates  = template.Must(template.New("page").Parse(strings.Replace(readPage("pages/page.html"), stylePlace, style, 1)))
	pagePolicy = "default-src 'none'; style-src 'sha256-" + sha256Base64(style) + "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	icon       = template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(readPage("pages/icon.svg"))))
)

func readPage(name string) string {
	b, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err) // The file is compiled in.
	}
	return string(b)
}

func sha256Base64(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page is what the template shows. All texts are escaped by it; foreign ones are clean (see engine.Clean).
type page struct {
	Status int
	// Kind is "about", "confirm", "listing", "loading" or "failure".
	Kind  string
	Title string
	Text  string
	// Host is the site that the page is about, or empty.
	Host string
	// Link is where the page's one button leads, empty for the page itself. LinkText is what the button says; without it
	// there is none.
	Link, LinkText string
	// Icon is the page's own picture of itself.
	Icon template.URL
	// Version and Origin are shown on the bare host.
	Version string
	Origin  string
	// Sites are the origins of all sites, as a policy has them.
	Sites string
	// The listing's folder, from the root down, and what is in it.
	Path []crumb
	Rows []row
	Sum  string
}

type crumb struct{ Name, Link string }

type row struct {
	Name, Link, Size string
	Dir              bool
}

// pages makes what a person sees that is not a site's own.
type pages struct {
	log     *slog.Logger
	version string // shown on the bare host's page
}

// show sends a page of our own.
func (ps pages) show(w http.ResponseWriter, r *http.Request, p page) {
	ps.showWith(w, r, p, "no-referrer")
}

// showWith sends a page of our own, with what its links tell of where they are.
func (ps pages) showWith(w http.ResponseWriter, r *http.Request, p page, referrer string) {
	p.Icon = icon
	text := ps.render("page", p)
	ours(w.Header())
	if p.Kind == "about" {
		// Browsers hold to it where the form's answer leads, too.
		w.Header().Set("Content-Security-Policy", strings.Replace(pagePolicy, "form-action 'none'", "form-action "+p.Origin+" "+p.Sites, 1))
	}
	w.Header().Set("Referrer-Policy", referrer)
	w.Header().Set("Content-Type", utf8HTML)
	respond(w, r, p.Status, text)
}

// render makes the text of a template.
func (ps pages) render(name string, data any) []byte {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		ps.log.Error("localserve: page", "template", name, "err", err) // What is there of it is shown.
	}
	return b.Bytes()
}

// ours sets the headers of answers that are not a site's.
func ours(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
}

// respond sends a body that is there as a whole.
func respond(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // A client that is gone misses nothing.
	}
}

// about is the bare host's page.
func (ps pages) about(w http.ResponseWriter, r *http.Request, port string) {
	p := page{
		Status: http.StatusOK, Kind: "about", Title: "Websites out of a swarm", Version: ps.version,
		Origin: origin("localhost", port), Sites: origin("*.localhost", port),
	}
	ps.showWith(w, r, p, "origin") // Who opens a site with its box is not asked again: see mayJoin.
}

// openSearch describes the bare host's box to browsers, so that a site can be opened from their address bar.
func (ps pages) openSearch(w http.ResponseWriter, r *http.Request, port string) {
	text := strings.NewReplacer("{{.Origin}}", origin("localhost", port), "{{.Icon}}", string(icon)).Replace(readPage("pages/opensearch.xml"))
	ours(w.Header())
	w.Header().Set("Content-Type", "application/opensearchdescription+xml")
	respond(w, r, http.StatusOK, []byte(text))
}

// confirmOther asks the person before a site leads them to another one, with a link to it: they know that it was this
// one.
func (ps pages) confirmOther(w http.ResponseWriter, r *http.Request, host, link string) {
	ps.showWith(w, r, confirmation(host, link), "origin")
}

// confirm asks the person before a site is opened that they did not clearly ask for. The link leads to the same URL:
// followed on this page, it is a navigation from the site's own origin, which an old browser says with its Referer.
func (ps pages) confirm(w http.ResponseWriter, r *http.Request, host string) {
	link := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
	ps.showWith(w, r, confirmation(host, link.String()), "same-origin")
}

// confirmation asks whether to open a site, which a link does.
func confirmation(host, link string) page {
	return page{
		Status: http.StatusForbidden, Kind: "confirm", Title: "Open this site?", Host: host, Link: link, LinkText: "Open the site",
	}
}

// listing shows a folder that has no index: folders first, each group in the order of their names.
func (ps pages) listing(w http.ResponseWriter, r *http.Request, host string, f found) {
	p := page{Status: http.StatusOK, Kind: "listing", Title: "Index of /" + engine.Clean(f.dir), Host: host, Path: crumbs(f.dir)}
	var files []row
	var size int64
	for _, e := range f.list {
		l := row{Name: shownName(e.Name), Link: "./" + url.PathEscape(e.Name), Dir: e.Dir}
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
	p.Icon = icon
	text := ps.render("page", p)
	h := w.Header()
	ours(h)
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", utf8HTML)
	h.Set("ETag", `"`+listingMark+sha256Base64(string(text))[:16]+`"`)
	if matches(r.Header["If-None-Match"], h.Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	respond(w, r, p.Status, text)
}

// listingMark begins the ETag of a listing, which no file's does.
const listingMark = "list-"

// crumbs gives the way from the root to a folder; the links climb from the folder.
func crumbs(dir string) []crumb {
	if dir == "" {
		return nil
	}
	parts := strings.Split(dir, "/")
	out := make([]crumb, 0, len(parts))
	for i, name := range parts {
		out = append(out, crumb{Name: shownName(name), Link: "./" + strings.Repeat("../", len(parts)-1-i)})
	}
	return out
}

func shownName(name string) string {
	if shown := engine.Clean(name); shown != "" {
		return shown
	}
	return "(a name that cannot be shown)"
}

func countText(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
