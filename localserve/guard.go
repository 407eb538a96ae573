package localserve

import (
	"net/http"
	"strings"

	"wtptui/localserve/fetchmeta"
	"wtptui/localserve/files"
	"wtptui/localserve/pages"
)

// target is what a request that passed the guard asks for.
type target struct {
	label string // the site's label; empty for the bare host
	port  string
	path  string // decoded, with its leading slash
}

// The guard's answers name neither site nor path: some of them are read by whoever should not be asking.
var (
	foreignHost = &pages.Failure{
		Status: http.StatusMisdirectedRequest, Title: "Not a site of this server",
		Text: "This server answers only under its own names on this computer.",
	}
	noHost = &pages.Failure{
		Status: http.StatusBadRequest, Title: "Bad request", Text: "The request does not say which host it is for.",
	}
	crossSiteUse = &pages.Failure{
		Status: http.StatusForbidden, Title: "Not allowed",
		Text: "Other websites may link to a site here, but not load parts of it.",
	}
)

// check is the guard: it passes a request that a browser of the person at this computer may make, or says why not.
// It comes before anything that could tell a known site from an unknown one.
func check(r *http.Request, port string) (target, *pages.Failure) {
	if r.Host == "" {
		return target{}, noHost // HTTP/1.0; for 1.1 net/http has refused a missing and a doubled Host itself.
	}
	label, ok := parseHost(r.Host, port)
	// A target in absolute form is for a proxy (RFC 9112, section 3.2.2), which this server is for its own names, so that
	// a browser that does not resolve them can be told to ask here.
	if !ok || r.URL.Scheme != "" && r.URL.Scheme != "http" {
		return target{}, foreignHost
	}
	path, no := files.Check(r)
	if no != nil {
		return target{}, no
	}
	if crossSite(r, port) && fetchmeta.Of(r, "Dest") != "document" && !ofOwnSandbox(r, port) {
		return target{}, crossSiteUse
	}
	return target{label: label, port: port, path: path}, nil
}

// parseHost reads a Host header against the allow list: the three spellings of this computer (no label), or one
// label right under localhost, with exactly this port. Case does not matter. A trailing dot does: "a.localhost." is
// another origin to a browser, with other cookies and storage, and a site has only one.
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

// isLabel accepts what can be one DNS label, with underscores, as in engine.ParseHost.
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

// lowerASCII also refuses all else: some non-ASCII letters have an ASCII lower case (the Kelvin sign's is "k").
func lowerASCII(s string) (string, bool) {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return "", false
		}
	}
	return strings.ToLower(s), true
}

// The values of the headers that every response has. They are shared by all responses and never written to.
var (
	nosniff    = []string{"nosniff"}
	sameOrigin = []string{"same-origin"}
	// What a sandboxed frame of the site's own pages loads is loaded by an origin that is nobody's.
	crossOrigin = []string{"cross-origin"}
	// The browsers' default: another site learns which site a link was on, which mayJoin relies on, but not the page.
	referrerPolicy = []string{"strict-origin-when-cross-origin"}
	// A site is as foreign as any page of the Internet: its scripts must not reach this computer or its network.
	sitePolicy = []string{"treat-as-public-address; frame-ancestors 'self'"}
	// A page elsewhere that opens a site in a window learns nothing from that window; a site's own windows work.
	openerPolicy = []string{"same-origin-allow-popups"}
	// A policy does not cover the look-up of names that a page only links to.
	dnsPrefetchOff = []string{"off"}
	// What a site that was removed leaves behind in the browser would outlive it, and a service worker would even answer
	// in its place.
	clearAll = []string{`"*"`}
)

// withoutClearnet keeps a site's pages from asking any other server for anything, by policy: scripts run as ever, but
// reach only their own site, and WebRTC is off. Links and forms still lead to other sites here.
//
// Chromium 156 does not know the policy's word about WebRTC. So there is also a Connection-Allowlist, which it obeys
// since version 152: WebRTC is off with it unless it says otherwise, and it keeps a page from sending its reader
// elsewhere too. It would also forbid redirects, of which there are only our own. Where a browser does not know it,
// what remains is what no policy can stop: a page may send its reader elsewhere, where the reader sees it.
func withoutClearnet(h http.Header, port string) {
	bare, sites := origin("localhost", port), origin("*.localhost", port)
	h["Content-Security-Policy"] = []string{"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; webrtc 'block'; form-action 'self' " +
		bare + " " + sites + "; " + sitePolicy[0]}
	h["Connection-Allowlist"] = []string{`(response-origin "` + bare + `" "` + sites + `");redirects=allow`}
	h["X-Dns-Prefetch-Control"] = dnsPrefetchOff
}

// protect sets the headers that every response has, whatever it turns out to be. X-Forwarded-* and their kin are
// never read, and no Access-Control-* header is ever sent.
func protect(h http.Header, r *http.Request) {
	h["X-Content-Type-Options"] = nosniff
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	if ofOwnSandbox(r, portOf(r.Context())) {
		h["Cross-Origin-Resource-Policy"] = crossOrigin
	}
	h["Referrer-Policy"] = referrerPolicy
	h["Content-Security-Policy"] = sitePolicy
	if fetchmeta.Navigation(r) { // It means nothing for anything else.
		h["Cross-Origin-Opener-Policy"] = openerPolicy
	}
}
