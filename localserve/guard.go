package localserve

import (
	"net/http"
	"strings"

	"wtptui/localserve/fetchmeta"
	"wtptui/localserve/files"
	"wtptui/localserve/pages"
)

// requestTarget is what a request that has passed checkRequest is for.
type requestTarget struct {
	label string // the site's label; empty for the bare host
	port  string
	path  string // decoded, with its leading slash
}

// These texts name neither site nor path: clients that must not learn anything may receive them.
var (
	foreignHost = &pages.Failure{
		Status: http.StatusMisdirectedRequest, Title: "Not a site of this server",
		Text: "This server only has sites under names that end in \"localhost\". Check the address.",
	}
	noHost = &pages.Failure{
		Status: http.StatusBadRequest, Title: "Bad request", Text: "The request has no Host header.",
	}
	crossSiteUse = &pages.Failure{
		Status: http.StatusForbidden, Title: "Not allowed",
		Text: "Other websites may link to a site of this server, but not load parts of it.",
	}
)

// checkRequest returns the target of a request that a browser of the person at this computer may make, or a failure.
// It is called before anything that could reveal which sites are known.
func checkRequest(r *http.Request, port string) (requestTarget, *pages.Failure) {
	if r.Host == "" {
		return requestTarget{}, noHost // HTTP/1.0; for 1.1, net/http has refused a missing or repeated Host itself.
	}
	label, ok := parseHost(r.Host, port)
	// A target in absolute form is for a proxy (RFC 9112, section 3.2.2). This server is one for its own names, so
	// that a browser that does not resolve them can use it.
	if !ok || r.URL.Scheme != "" && r.URL.Scheme != "http" {
		return requestTarget{}, foreignHost
	}
	path, failure := files.Check(r)
	if failure != nil {
		return requestTarget{}, failure
	}
	if isCrossSite(r, port) && fetchmeta.Of(r, "Dest") != "document" && !isFromOwnSandbox(r, port) {
		return requestTarget{}, crossSiteUse
	}
	return requestTarget{label: label, port: port, path: path}, nil
}

// parseHost parses a Host header: it must be one of the three names of this computer (no label), or one label directly
// below localhost, with exactly this port. Case is ignored. A trailing dot is refused: for a browser, "a.localhost."
// is another origin, with other cookies and storage, and a site has only one.
func parseHost(host, port string) (label string, ok bool) {
	host, ok = lowerASCII(host)
	if !ok {
		return "", false
	}
	name, found := strings.CutSuffix(host, ":"+port)
	if !found && port != "80" {
		return "", false
	}
	switch name {
	case "localhost", "127.0.0.1", "[::1]":
		return "", true
	}
	label, found = strings.CutSuffix(name, ".localhost")
	return label, found && isLabel(label)
}

// isLabel reports whether s can be a DNS label, with underscores, as in engine.ParseHost.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// lowerASCII returns s in lower case; false if it is not ASCII: some other letters have an ASCII lower case (that of
// the Kelvin sign is "k").
func lowerASCII(s string) (string, bool) {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return "", false
		}
	}
	return strings.ToLower(s), true
}

// The values of the headers of all responses. They are shared and must not be changed.
var (
	nosniff    = []string{"nosniff"}
	sameOrigin = []string{"same-origin"}
	// Sandboxed frames of the site's own pages load parts of it with an opaque origin.
	crossOrigin = []string{"cross-origin"}
	// The browsers' default: another site learns which site a link was on, which mayJoin needs, but not the page.
	referrerPolicy = []string{"strict-origin-when-cross-origin"}
	// A site is not more trusted than any page of the Internet: its scripts must not access this computer or its
	// network.
	sitePolicy = []string{"treat-as-public-address; frame-ancestors 'self'"}
	// A page elsewhere that opens a site in a window cannot access that window; a site's own windows work.
	openerPolicy = []string{"same-origin-allow-popups"}
	// Content-Security-Policy does not cover DNS prefetches for links.
	dnsPrefetchOff = []string{"off"}
	// Data that a removed site has stored in the browser would outlive it, and a service worker would even respond in
	// its place.
	clearAll = []string{`"*"`}
)

// denyClearnet sets policies that prevent a site's pages from making requests to any other server. Scripts run, but
// can access only their own site, and WebRTC is off. Links and forms still lead to other sites of this server.
//
// Chromium 156 does not know the policy's directive for WebRTC. So there is also a Connection-Allowlist, which it
// supports since version 152: that turns WebRTC off unless it says otherwise, and also prevents a page from navigating
// elsewhere. It would also forbid redirects, of which there are only this server's. In a browser without it, one thing
// remains that no policy can prevent: a page may navigate elsewhere, which the person sees.
func denyClearnet(h http.Header, port string) {
	bare, sites := originURL("localhost", port), originURL("*.localhost", port)
	h["Content-Security-Policy"] = []string{
		"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; webrtc 'block'; " +
			"form-action 'self' " + bare + " " + sites + "; " + sitePolicy[0],
	}
	h["Connection-Allowlist"] = []string{`(response-origin "` + bare + `" "` + sites + `");redirects=allow`}
	h["X-Dns-Prefetch-Control"] = dnsPrefetchOff
}

// setSecurityHeaders sets the headers of all responses. X-Forwarded-* and similar headers are never read, and no
// Access-Control-* header is ever sent.
func setSecurityHeaders(h http.Header, r *http.Request) {
	h["X-Content-Type-Options"] = nosniff
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	if isFromOwnSandbox(r, portOf(r.Context())) {
		h["Cross-Origin-Resource-Policy"] = crossOrigin
	}
	h["Referrer-Policy"] = referrerPolicy
	h["Content-Security-Policy"] = sitePolicy
	if fetchmeta.Navigation(r) { // It has no effect on other requests.
		h["Cross-Origin-Opener-Policy"] = openerPolicy
	}
}
