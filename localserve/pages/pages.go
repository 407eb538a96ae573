package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

//go:embed template
var pageFiles embed.FS

// design is what all pages of our own have in common.
type design struct {
	templates *template.Template
	policy    string // no script, no request, one style sheet known by its hash
	icon      template.URL
}

// common returns the design. It is made at the first use: few runs of the program show a page.
var common = sync.OnceValue(func() design {
	style := readPage("template/style.css")
	text := strings.Replace(readPage("template/page.html"), "{{/* style */}}", style, 1)
	return design{
		templates: template.Must(template.New("page").Parse(text)),
		policy: "default-src 'none'; style-src 'sha256-" + sha256Base64(style) + "'; img-src data:; base-uri 'none'; " +
			"form-action 'none'; frame-ancestors 'none'",
		icon: template.URL("data:image/svg+xml;base64," +
			base64.StdEncoding.EncodeToString([]byte(readPage("template/icon.svg")))),
	}
})

// Icon returns the picture of our own pages, as a URL.
func Icon() template.URL { return common().icon }

func readPage(name string) string {
	b, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err) // The file is embedded.
	}
	return string(b)
}

func sha256Base64(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Page is the data of the template, which escapes all texts; foreign ones are clean (see engine.Clean).
type Page struct {
	Status int
	// Kind is "about", "confirm", "listing", "loading" or "failure".
	Kind  string
	Title string
	Text  string
	// Host is the site that the page is about, or empty.
	Host string
	// Link is the target of the page's single button; empty for the page itself. LinkText is its text; if it is empty,
	// there is no button.
	Link, LinkText string
	// Contact is how to reach who runs the server.
	Contact string
	// Version and Origin are shown on the bare host.
	Version string
	Origin  string
	// Sites is the pattern of the origins of all sites, for a policy.
	Sites string
	// Path is the listed folder, from the root down, and Rows are its entries.
	Path []Crumb
	Rows []Row
	Sum  string
}

// Icon returns the page's own picture of itself; the template asks for it.
func (Page) Icon() template.URL { return Icon() }

// Crumb is a folder on the path to the listed one.
type Crumb struct{ Name, Link string }

// Row is an entry of a listed folder.
type Row struct {
	Name, Link, Size string
	Dir              bool
}

// Pages renders the pages that are not a site's own.
type Pages struct {
	// Log receives faults of the templates.
	Log *slog.Logger
	// Contact is shown on failures: how to reach the person who runs the server; empty for nothing.
	Contact string
}

// Show sends a page with the referrer policy no-referrer.
func (ps Pages) Show(w http.ResponseWriter, r *http.Request, p Page) {
	ps.ShowWith(w, r, p, "no-referrer")
}

// ShowWith sends a page with a referrer policy.
func (ps Pages) ShowWith(w http.ResponseWriter, r *http.Request, p Page, referrer string) {
	if p.Kind == "failure" {
		p.Contact = ps.Contact
	}
	text := ps.Render("page", p)
	SetHeaders(w.Header())
	if p.Kind == "about" {
		// Browsers hold to it where the form's answer leads, too.
		wider := strings.Replace(common().policy, "form-action 'none'", "form-action "+p.Origin+" "+p.Sites, 1)
		w.Header().Set("Content-Security-Policy", wider)
	}
	w.Header().Set("Referrer-Policy", referrer)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	Respond(w, r, p.Status, text)
}

// Render executes a template.
func (ps Pages) Render(name string, data any) []byte {
	var b bytes.Buffer
	if err := common().templates.ExecuteTemplate(&b, name, data); err != nil {
		ps.Log.Error("pages: render", "template", name, "err", err) // What is there of it is shown.
	}
	return b.Bytes()
}

// SetHeaders sets the headers of responses that are not a site's.
func SetHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", common().policy)
	h.Set("Referrer-Policy", "no-referrer")
}

// Respond sends a complete body.
func Respond(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // An error means that the client is gone.
	}
}
