package localserve

import (
	"net/http"
	"net/url"
	"strings"

	"wtptui/localserve/fetchmeta"
)

// crossSite reports whether a page of another origin made this request. Two sites of ours are as foreign to each
// other as any two, so same-site is no better than cross-site.
func crossSite(r *http.Request, port string) bool {
	switch fetchmeta.Of(r, "Site") {
	case "same-origin", "none":
		return false
	case "":
		// No Fetch Metadata: a cross-origin fetch with CORS still names its origin.
		o := r.Header.Get("Origin")
		return fetchmeta.Present(r) || o != "" && !isOrigin(o, r.Host, port)
	}
	return true
}

// ofOwnSandbox reports whether a sandboxed frame of the site's own pages loads a part of itself: its origin is
// nobody's, so its requests are cross-site, but Firefox says with an honest Referer whose the frame is. Chromium says
// nothing, and does not even send them: the policy that keeps a site from this computer keeps such frames from
// everything.
func ofOwnSandbox(r *http.Request, port string) bool {
	switch fetchmeta.Of(r, "Dest") {
	case "style", "script", "image", "audio", "video", "track":
		return fetchmeta.Of(r, "Site") == "cross-site" && fetchmeta.Of(r, "Mode") == "no-cors" &&
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

// mayJoin reports whether a request may start an unknown site, that is, make this computer join a swarm in public:
// only when the person asked for it, by the address bar, a link on a site of ours, or a program without Fetch
// Metadata. Anything else is asked for confirmation first, and a browser that asks ahead of the person does not even
// show that: it drops the answer for its status, and asks again if the person does.
func (s *Server) mayJoin(r *http.Request, port string) bool {
	if aheadOfPerson(r) {
		return false
	}
	if !fetchmeta.Present(r) {
		ref := r.Header.Get("Referer")
		if isBrowser(r) {
			// An old one, which does not say who asks, and any page may have it ask: the person did if they came from the
			// page that asks them, which is at this origin.
			return isOrigin(ref, r.Host, port)
		}
		return !crossSite(r, port) && (ref == "" || s.isSiteURL(ref, port))
	}
	if fetchmeta.Of(r, "Dest") != "document" {
		return false
	}
	switch fetchmeta.Of(r, "Site") {
	case "none", "same-origin":
		return true
	}
	ref := r.Header.Get("Referer")
	return fetchmeta.Of(r, "User") == "?1" && (s.isSiteURL(ref, port) || isOwnPage(ref, port))
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
