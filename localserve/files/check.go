package files

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"wtptui/localserve/pages"
)

// These texts name neither site nor path: clients that must not learn anything may receive them.
var (
	badMethod = &pages.Failure{
		Status: http.StatusMethodNotAllowed, Title: "Method not allowed",
		Text: "Sites can only be read. Use GET or HEAD.",
	}
	// BadTarget is the failure for a request target that cannot name a file of a site.
	BadTarget = &pages.Failure{
		Status: http.StatusBadRequest, Title: "Bad request",
		Text: "This address cannot be that of a file. Check its spelling.",
	}
	bodyNotAllowed = &pages.Failure{
		Status: http.StatusBadRequest, Title: "Bad request", Text: "A GET or HEAD request must not have a body.",
	}
	// TooManyRequests is the failure for a request above the limit of concurrent requests.
	TooManyRequests = &pages.Failure{
		Status: http.StatusTooManyRequests, Title: "Too many requests at once",
		Text: "This server handles as many requests as it can. Try again in a moment.",
	}
)

// Check returns the decoded path of a request for a file, or a failure if it is not one: sites can only be read.
func Check(r *http.Request) (path string, failure *pages.Failure) {
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

// cleanPath returns the decoded path of a request target; false if it is refused. Paths are never normalized but
// matched byte for byte. So an escaped backslash is a byte like any other, but a bare one, which browsers treat as a
// slash, is refused. A path with two leading slashes is only allowed for an existing file: in a redirect, browsers
// would take the rest for a host.
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

// StartsWithDoubleSlash reports whether a path begins with two slashes.
func StartsWithDoubleSlash(path string) bool { return strings.HasPrefix(path, "//") }

func isSlash(r rune) bool { return r == '/' || r == '\\' }

// SkipRequestBody leaves the body of a request that is refused unread. Otherwise net/http would wait for the rest of it
// before it sends the response, without limit, and occupy the request's slot. Data that arrives within wait is still
// read, so that the client has the time to read the response.
func SkipRequestBody(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Connection", "close")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(wait)) // Recorders of tests do not support it.
}
