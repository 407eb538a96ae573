package pages

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
)

var (
	//go:embed style.css
	styleSheet string
	//go:embed icon.svg
	iconDrawing string
)

// design is what all pages of our own have in common.
type design struct {
	style  string // the element
	policy string // no script, no request, one style sheet known by its hash
	icon   string
}

// common returns the design. It is made at the first use: few runs of the program show a page.
var common = sync.OnceValue(func() design {
	return design{
		style: "<style>" + styleSheet + "</style>",
		policy: "default-src 'none'; style-src 'sha256-" + sha256Base64(styleSheet) + "'; img-src data:; base-uri 'none'; " +
			"form-action 'none'; frame-ancestors 'none'",
		icon: "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(iconDrawing)),
	}
})

// Icon returns the picture of our own pages, as a URL.
func Icon() string { return common().icon }

func sha256Base64(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Page is the data of the templates, which escape all texts; foreign ones are clean (see engine.Clean).
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

// heading returns the text of the browser's tab.
func (p Page) heading() string {
	if p.Host == "" {
		return p.Title
	}
	return p.Title + " – " + p.Host
}

// root returns the link from the listed folder to the root.
func (p Page) root() string {
	if len(p.Path) == 0 {
		return "./"
	}
	return strings.Repeat("../", len(p.Path))
}

// Crumb is a folder on the path to the listed one.
type Crumb struct{ Name, Link string }

// Row is an entry of a listed folder.
type Row struct {
	Name, Link, Size string
	Dir              bool
}

// Step is an update of the loading page.
type Step struct {
	// Text is what is waited for, Swarm is who has it, and Tried is what was asked.
	Text, Swarm string
	Tried       []string
	// Came and All are bytes of the pieces that must be complete before the page can be shown; CameText and AllText are
	// the same for a person. All is 0 as long as the file is not known.
	Came, All         int64
	CameText, AllText string
	// Left is the remaining time; empty if it is not known.
	Left string
}

// arrival returns how much is here, and how long it takes until all is.
func (s Step) arrival() string {
	text := s.CameText + " of the " + s.AllText + " that it is in"
	if s.Left != "" {
		text += " · about " + s.Left + " left"
	}
	return text
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
	text := ps.Render(p)
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

// Render returns a page.
func (ps Pages) Render(p Page) []byte { return ps.render(page(p)) }

// RenderLoading returns the two parts of a loading page. Its updates are sent between them, and after these
// RenderReload.
func (ps Pages) RenderLoading(p Page) (start, end []byte) {
	start, end, _ = bytes.Cut(ps.Render(p), []byte(stepsMark))
	return slices.Clip(start), end // Appending to the start must not write over the end.
}

// stepsMark is where the updates of a loading page are.
const stepsMark = "<!-- steps -->"

// RenderStep returns an update of the loading page.
func (ps Pages) RenderStep(s Step) []byte { return ps.render(step(s)) }

// RenderReload returns an instruction to the browser to load the page again after a time in seconds.
func (ps Pages) RenderReload(seconds string) []byte { return ps.render(reload(seconds)) }

func (ps Pages) render(c templ.Component) []byte {
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		ps.Log.Error("pages: render", "err", err) // What is there of it is shown.
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
