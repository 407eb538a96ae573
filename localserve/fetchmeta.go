package localserve

import (
	"net/http"
	"net/url"
	"strings"

	"wtptui/engine"
)

// fetchMeta gives one of the Fetch Metadata headers (Sec-Fetch-*), which browsers send to *.localhost and pages
// cannot forge. What is there twice is nothing that a browser sent: it gives "?", which no rule accepts.
func fetchMeta(r *http.Request, name string) string {
	switch v := r.Header["Sec-Fetch-"+name]; len(v) {
	case 0:
		return ""
	case 1:
		return v[0]
	}
	return "?"
}

// hasFetchMeta tells a browser of today from curl and from browsers before 2020 (Safari: 2023).
func hasFetchMeta(r *http.Request) bool {
	for _, name := range []string{"Site", "Mode", "Dest", "User"} {
		if fetchMeta(r, name) != "" {
			return true
		}
	}
	return false
}

// crossSite reports whether a page of another origin made this request. Two sites of ours are as foreign to each
// other as any two, so same-site is no better than cross-site.
func crossSite(r *http.Request, port string) bool {
	switch fetchMeta(r, "Site") {
	case "same-origin", "none":
		return false
	case "":
		// No Fetch Metadata: a cross-origin fetch with CORS still names its origin.
		o := r.Header.Get("Origin")
		return hasFetchMeta(r) || o != "" && !isOrigin(o, r.Host, port)
	}
	return true
}

// ofOwnSandbox reports whether a sandboxed frame of the site's own pages loads a part of itself: its origin is
// nobody's, so its requests are cross-site, but Firefox says with an honest Referer whose the frame is. Chromium says
// nothing, and does not even send them: the policy that keeps a site from this computer keeps such frames from
// everything.
func ofOwnSandbox(r *http.Request, port string) bool {
	switch fetchMeta(r, "Dest") {
	case "style", "script", "image", "audio", "video", "track":
		return fetchMeta(r, "Site") == "cross-site" && fetchMeta(r, "Mode") == "no-cors" &&
			isOrigin(r.Header.Get("Referer"), r.Host, port)
	}
	return false
}

// isOrigin reports whether an Origin or Referer header is of the origin of this host, which must be one of ours.
func isOrigin(origin, host, port string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" || !strings.EqualFold(u.Host, host) {
		return false
	}
	_, ok := parseHost(u.Host, port)
	return ok
}

// navigation reports whether the answer will be shown to a person as a page of its own, who would rather read what is
// awaited than look at nothing.
func navigation(r *http.Request) bool {
	if hasFetchMeta(r) {
		return fetchMeta(r, "Dest") == "document"
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// urgencyOf tells how soon a browser needs what it asks for: by what it says that it is for, else by what the file is.
func urgencyOf(r *http.Request, e engine.Entry) engine.Urgency {
	switch fetchMeta(r, "Dest") {
	case "document":
		return engine.UrgencyDocument
	case "style", "script", "xslt":
		return engine.UrgencyBlocking
	case "font":
		return engine.UrgencyFont
	case "":
	default:
		return engine.UrgencyInView
	}
	switch ctype := mediaTypes[extension(e)]; {
	case ctype == htmlType:
		return engine.UrgencyDocument
	case ctype == cssType, ctype == "text/javascript":
		return engine.UrgencyBlocking
	case strings.HasPrefix(ctype, "font/"):
		return engine.UrgencyFont
	}
	return engine.UrgencyInView
}

// pageOf gives the path, with its query, of the page of the same site that a part of it is asked for by; empty if none
// did, or it does not say.
func pageOf(r *http.Request, port string) string {
	ref := r.Header.Get("Referer")
	if navigation(r) || !isOrigin(ref, r.Host, port) {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil {
		return ""
	}
	page := u.Path
	if u.RawQuery != "" {
		page += "?" + u.RawQuery
	}
	return engine.Clean(page)
}

// mayJoin reports whether a request may start an unknown site, that is, make this computer join a swarm in public:
// only when the person asked for it, by the address bar, a link on a site of ours, or a program without Fetch
// Metadata. Anything else is asked for confirmation first, and a browser that asks ahead of the person does not even
// show that: it drops the answer for its status, and asks again if the person does.
func (s *Server) mayJoin(r *http.Request, port string) bool {
	if aheadOfPerson(r) {
		return false
	}
	if !hasFetchMeta(r) {
		ref := r.Header.Get("Referer")
		if isBrowser(r) {
			// An old one, which does not say who asks, and any page may have it ask: the person did if they came from the
			// page that asks them, which is at this origin.
			return isOrigin(ref, r.Host, port)
		}
		return !crossSite(r, port) && (ref == "" || s.isSiteURL(ref, port))
	}
	if fetchMeta(r, "Dest") != "document" {
		return false
	}
	switch fetchMeta(r, "Site") {
	case "none", "same-origin":
		return true
	}
	ref := r.Header.Get("Referer")
	return fetchMeta(r, "User") == "?1" && (s.isSiteURL(ref, port) || isOwnPage(ref, port))
}

// isBrowser reports whether a request says that it is a browser's, as all of them do; curl, wget and feed readers do
// not.
func isBrowser(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("User-Agent"), "Mozilla/")
}

// aheadOfPerson reports whether a browser asks for a page that the person may be about to open, while they still type
// its address or point at a link.
func aheadOfPerson(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") || r.Header.Get("Purpose") == "prefetch"
}

// isOwnPage reports whether a URL is of the bare host, whose page has a box to open a site with.
func isOwnPage(ref, port string) bool {
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "http" {
		return false
	}
	label, ok := parseHost(u.Host, port)
	return ok && label == ""
}

// isSiteURL reports whether a URL belongs to the origin of one of our sites.
func (s *Server) isSiteURL(ref, port string) bool {
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "http" {
		return false
	}
	label, ok := parseHost(u.Host, port)
	if !ok || label == "" {
		return false
	}
	host, _ := s.cfg.Opener.Host(label)
	return host != ""
}
