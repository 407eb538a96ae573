package localserve

import (
	"net/http"
	"net/url"
	"strings"

	"wtptui/localserve/fetchmeta"
)

// isCrossSite reports whether a page of another origin made the request. Two sites of this server are unrelated, so
// same-site is treated like cross-site.
func isCrossSite(r *http.Request, port string) bool {
	switch fetchmeta.Of(r, "Site") {
	case "same-origin", "none":
		return false
	case "":
		// Without Fetch Metadata, a cross-origin request with CORS still has an Origin.
		o := r.Header.Get("Origin")
		return fetchmeta.Present(r) || o != "" && !isOrigin(o, r.Host, port)
	}
	return true
}

// isFromOwnSandbox reports whether a sandboxed frame of the site's own pages loads a part of the site. Such a frame
// has an opaque origin, so its requests are cross-site, but Firefox sends a Referer that names the site, which pages
// cannot forge. Chromium does not even send such requests: the policy that keeps sites from accessing this computer
// blocks all requests of such frames.
func isFromOwnSandbox(r *http.Request, port string) bool {
	switch fetchmeta.Of(r, "Dest") {
	case "style", "script", "image", "audio", "video", "track":
		return fetchmeta.Of(r, "Site") == "cross-site" && fetchmeta.Of(r, "Mode") == "no-cors" &&
			isOrigin(r.Header.Get("Referer"), r.Host, port)
	}
	return false
}

// isOrigin reports whether an Origin or Referer header names this host, which must be one of the server's.
func isOrigin(origin, host, port string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" || !strings.EqualFold(u.Host, host) {
		return false
	}
	_, ok := parseHost(u.Host, port)
	return ok
}

// mayJoin reports whether a request may open an unknown site, that is, join a swarm publicly. It may if the person
// asked for it: with the address bar, a link on a site of this server, or a program without Fetch Metadata. All other
// requests are answered with a confirmation page. A prefetch is not allowed to: browsers discard its response because
// of the status, and repeat the request if the person opens the page.
func (s *Server) mayJoin(r *http.Request, port string) bool {
	if isPrefetch(r) {
		return false
	}
	if !fetchmeta.Present(r) {
		ref := r.Header.Get("Referer")
		if isBrowser(r) {
			// An old browser does not say who makes a request, and any page can make it. The person has confirmed it
			// if it comes from the confirmation page, which has this origin.
			return isOrigin(ref, r.Host, port)
		}
		return !isCrossSite(r, port) && (ref == "" || s.isSiteURL(ref, port))
	}
	if fetchmeta.Of(r, "Dest") != "document" {
		return false
	}
	switch fetchmeta.Of(r, "Site") {
	case "none", "same-origin":
		return true
	}
	ref := r.Header.Get("Referer")
	return fetchmeta.Of(r, "User") == "?1" && (s.isSiteURL(ref, port) || isBareHostPage(ref, port))
}

// isBrowser reports whether the User-Agent is a browser's, as all browsers say; curl, wget and feed readers do not.
func isBrowser(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("User-Agent"), "Mozilla/")
}

// isPrefetch reports whether a browser loads a page that the person may be about to open, while they still type its
// address or point at a link.
func isPrefetch(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") || r.Header.Get("Purpose") == "prefetch"
}

// isBareHostPage reports whether a URL belongs to the bare host, whose page has a field to open a site with.
func isBareHostPage(ref, port string) bool {
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "http" {
		return false
	}
	label, ok := parseHost(u.Host, port)
	return ok && label == ""
}

// isSiteURL reports whether a URL belongs to the origin of a site of this server.
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
