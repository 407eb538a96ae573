package files

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"wtptui/localserve/pages"
)

// These answers name neither site nor path: some of them are read by whoever should not be asking.
var (
	badMethod = &pages.Failure{
		Status: http.StatusMethodNotAllowed, Title: "Method not allowed",
		Text: "Sites can only be read: GET and HEAD are all there is.",
	}
	// BadTarget says that an address cannot name a file of a site.
	BadTarget = &pages.Failure{
		Status: http.StatusBadRequest, Title: "Bad request", Text: "This address cannot name a file of a site.",
	}
	bodyNotAllowed = &pages.Failure{
		Status: http.StatusBadRequest, Title: "Bad request", Text: "A request to read something has no body.",
	}
	// TooMany says that there is no place for another request.
	TooMany = &pages.Failure{
		Status: http.StatusTooManyRequests, Title: "Too many requests at once",
		Text: "This server is answering as many requests as it can. Try again in a moment.",
	}
)

// Check returns the decoded path of a request for a file, or says why it is none: sites can only be read.
func Check(r *http.Request) (path string, no *pages.Failure) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return "", badMethod
	}
	// With a body pending, net/http would not notice that the client is gone.
	if r.ContentLength != 0 {
		return "", bodyNotAllowed
	}
	path, ok := cleanPath(r.RequestURI, r.URL)
	if !ok {
		return "", BadTarget
	}
	return path, nil
}

// cleanPath returns the decoded path of a request target, or refuses it. Nothing is ever normalized: the path is
// matched bytes for bytes, so a backslash that is escaped is a byte like any other, but a bare one, which browsers
// read as a slash, is refused. Two leading slashes would make a host of what follows in a redirect: only a
// file may be found so.
func cleanPath(requestURI string, u *url.URL) (string, bool) {
	raw, _, _ := strings.Cut(requestURI, "?")
	path := u.Path
	if path == "" && u.Host != "" {
		path = "/" // absolute-form without a path, RFC 9112 section 3.2.2
	}
	switch {
	case !strings.HasPrefix(path, "/"):
		return "", false
	case strings.Contains(raw, `\`), strings.Contains(path, "\x00"):
		return "", false
	case strings.Contains(path, "..") && slices.Contains(strings.FieldsFunc(path, isSlash), ".."):
		return "", false
	}
	return path, true
}

// StartsTwice reports whether a path begins with two slashes.
func StartsTwice(path string) bool { return strings.HasPrefix(path, "//") }

func isSlash(r rune) bool { return r == '/' || r == '\\' }

// DoNotAwaitBody has a request's body left unread: it is refused for having one. Else net/http would wait for the rest
// of it, for ever, before it sends the answer, with the request's slot taken. For as long as wait, what is on its way
// is still taken in, so that the client has the time to read the answer.
func DoNotAwaitBody(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Connection", "close")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(wait)) // Tests' recorders have none.
}
