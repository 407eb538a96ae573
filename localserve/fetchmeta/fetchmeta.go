// Package fetchmeta reads Fetch Metadata (the W3C's Sec-Fetch-* headers), with which browsers describe a request and
// which pages cannot forge.
package fetchmeta

import (
	"net/http"
	"strings"
)

// Of returns one of the Fetch Metadata headers (Sec-Fetch-*), which browsers also send to *.localhost. A repeated
// header was not sent by a browser: the result is "?", which no rule accepts.
func Of(r *http.Request, name string) string {
	switch v := r.Header["Sec-Fetch-"+name]; len(v) {
	case 0:
		return ""
	case 1:
		return v[0]
	}
	return "?"
}

// Present reports whether a request has Fetch Metadata: all browsers send it since 2020 (Safari: 2023), and curl does
// not.
func Present(r *http.Request) bool {
	for _, name := range []string{"Site", "Mode", "Dest", "User"} {
		if Of(r, name) != "" {
			return true
		}
	}
	return false
}

// MayBeNavigation reports whether a request may be a navigation of a person. Browsers before 2020 do not say, so theirs
// may always be one.
func MayBeNavigation(r *http.Request) bool {
	dest := Of(r, "Dest")
	return dest == "" || dest == "document"
}

// Navigation reports whether the response will be shown to a person as a page of its own, so that a loading page is
// better than waiting.
func Navigation(r *http.Request) bool {
	if Present(r) {
		return Of(r, "Dest") == "document"
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}
