package localserve

import (
	"net/http"
	"strings"

	"wtptui/engine"
)

// failure is an answer that is not what was asked for: a status, and what to tell a person about it.
type failure struct {
	status int
	title  string
	msg    string
}

// statusGone is recorded, but cannot be sent: the client closed the connection before the answer was there.
const statusGone = 499

// retryAfter is what clients are told to wait, in seconds; the loading page asks again after as long.
const retryAfter = "2"

// failureOf says what an engine's error means to a browser. NotReady is a failure only for those who cannot be shown
// a page that asks again.
func failureOf(err error) failure {
	msg := engine.Message(err)
	switch engine.KindOf(err) {
	case engine.Invalid:
		return failure{http.StatusBadRequest, "Bad request", msg}
	case engine.NotFound:
		return failure{http.StatusNotFound, "No such site", msg}
	case engine.NotReady:
		return failure{http.StatusGatewayTimeout, "Not here yet", msg}
	case engine.TooLarge:
		// The limit is on what may be stored here, and the person can raise it.
		return failure{http.StatusInsufficientStorage, "This site is too large", msg}
	case engine.Refused, engine.Damaged:
		return failure{http.StatusBadGateway, "This site cannot be trusted", msg}
	case engine.Conflict:
		// A person has to decide something about the site first: a found one is not served before.
		return failure{http.StatusConflict, "This site is not served", msg}
	case engine.Unavailable:
		return failure{http.StatusServiceUnavailable, "Not available", msg}
	}
	return failure{http.StatusInternalServerError, "Something went wrong", "The site could not be read; the log says why."}
}

// fail answers with a failure that is not about a site.
func (ps pages) fail(w http.ResponseWriter, r *http.Request, f failure) { ps.failSite(w, r, "", f) }

// failSite answers with a failure: as a page for whoever reads pages, else as a line of text.
func (ps pages) failSite(w http.ResponseWriter, r *http.Request, host string, f failure) {
	h := w.Header()
	switch f.status {
	case http.StatusMethodNotAllowed:
		h.Set("Allow", "GET, HEAD")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		h.Set("Retry-After", retryAfter)
	}
	if navigation(r) || strings.Contains(r.Header.Get("Accept"), "text/html") {
		p := page{Status: f.status, Kind: "failure", Title: f.title, Text: f.msg, Host: host}
		switch {
		case h.Get("Retry-After") != "", f.status == http.StatusConflict:
			p.LinkText = "Try again" // at the same address
		case host != "" && f.status == http.StatusNotFound && r.URL.Path != "/":
			p.Link, p.LinkText = "/", "Go to the start page"
		}
		ps.show(w, r, p)
		return
	}
	ours(h)
	h.Set("Content-Type", "text/plain; charset=utf-8")
	respond(w, r, f.status, []byte(f.title+": "+f.msg+"\n"))
}
