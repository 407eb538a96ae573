// Package localserve is the loopback HTTP server through which any browser reads sites. Every site has an origin of
// its own, http://<label>.localhost:<port>/ (see engine.Label); the bare host serves one page that says what this is,
// and has no control surface whatever.
//
// It knows HTTP, browsers and what they must be protected from. It must not know torrents, domains, deadlines or the
// database: sites come from an Opener, as engine.Content.
//
// A request takes three steps:
//
//	guard.go  may this be asked, by whoever asks? (Host, method, path; asker.go: who it is, by Fetch Metadata)
//	route.go  which site is it? Open it, or redirect, or ask the person first
//	package files: the site's files answer
//
// origin.go says where the site is, and others from there; bare.go is the bare host, and what a person is asked.
// Package places shares among sites how many requests wait at once, and package pages has what a person sees that is
// not a site's own.
//
// Start with Server in server.go, then read the steps in this order.
package localserve
