package pages

import (
	"net/http"
	"strings"

	"wtptui/localserve/fetchmeta"
)

// Failure is an error response: a status, and a text for a person.
type Failure struct {
	Status int
	Title  string
	Text   string
}

// RetryAfter is the value of Retry-After, in seconds; the loading page reloads after the same time.
const RetryAfter = "2"

// Fail responds with a failure that does not concern a site.
func (ps Pages) Fail(w http.ResponseWriter, r *http.Request, f Failure) { ps.FailSite(w, r, "", f) }

// FailSite responds with a failure: as a page for clients that accept HTML, otherwise as a line of text.
func (ps Pages) FailSite(w http.ResponseWriter, r *http.Request, host string, f Failure) {
	h := w.Header()
	switch f.Status {
	case http.StatusMethodNotAllowed:
		h.Set("Allow", "GET, HEAD")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		h.Set("Retry-After", RetryAfter)
	}
	if fetchmeta.Navigation(r) || strings.Contains(r.Header.Get("Accept"), "text/html") {
		p := Page{Status: f.Status, Kind: "failure", Title: f.Title, Text: f.Text, Host: host}
		switch {
		case h.Get("Retry-After") != "", f.Status == http.StatusConflict:
			p.LinkText = "Try again" // at the same URL
		case host != "" && f.Status == http.StatusNotFound && r.URL.Path != "/":
			p.Link, p.LinkText = "/", "Go to the start page"
		}
		ps.Show(w, r, p)
		return
	}
	SetHeaders(h)
	h.Set("Content-Type", "text/plain; charset=utf-8")
	Respond(w, r, f.Status, []byte(f.Title+": "+f.Text+"\n"))
}
