// Package fetchmeta reads what browsers say of a request: Fetch Metadata (the W3C's Sec-Fetch-* headers), which pages
// cannot forge.
package fetchmeta

import (
	"net/http"
	"strings"
)

// Of returns one of the Fetch Metadata headers (Sec-Fetch-*), which browsers send to *.localhost and pages
// cannot forge. What is there twice is nothing that a browser sent: it gives "?", which no rule accepts.
func Of(r *http.Request, name string) string {
	switch v := r.Header["Sec-Fetch-"+name]; len(v) {
	case 0:
		return ""
	case 1:
		return v[0]
	}
	return "?"
}

// Present tells a browser of today from curl and from browsers before 2020 (Safari: 2023).
func Present(r *http.Request) bool {
	for _, name := range []string{"Site", "Mode", "Dest", "User"} {
		if Of(r, name) != "" {
			return true
		}
	}
	return false
}

// Visit reports whether a person goes somewhere with this request, as far as is known: browsers before 2020 do not say.
func Visit(r *http.Request) bool {
	dest := Of(r, "Dest")
	return dest == "" || dest == "document"
}

// Navigation reports whether the answer will be shown to a person as a page of its own, who would rather read what is
// awaited than look at nothing.
func Navigation(r *http.Request) bool {
	if Present(r) {
		return Of(r, "Dest") == "document"
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}
