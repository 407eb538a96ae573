// Package localserve is the loopback HTTP server through which any browser reads sites. Every site has an origin of
// its own, http://<label>.localhost:<port>/ (see engine.Label); the bare host serves one page that says what this is,
// and has no control surface whatever.
//
// It knows HTTP, browsers and what they must be protected from. It must not know torrents, domains, deadlines or the
// database: sites come from an Opener, as engine.Content.
//
// A request takes five steps, one file each:
//
//	guard.go     may this be asked, by whoever asks? (Host, method, path; fetchmeta.go: Fetch Metadata)
//	route.go     which site is it? Open it, or redirect, or ask the person first
//	visit.go     open the site, and find what of it answers
//	file.go      which of the site's files does the path mean?
//	response.go  send it: validators, ranges, types
//
// What the site's owner has said about that is in rules.go, redirects.go (_redirects) and headers.go (_headers);
// packed.go sends what was compressed beforehand; types.go and charset.go tell what a file is, and memo.go remembers
// it.
//
// While data is still on its way, patience.go says how long a request waits, loading.go shows a person what is awaited,
// and places.go shares among sites how many requests wait at once.
//
// What may name other files goes a way of its own (webpage.go, rewritten.go): addresses of wtp sites in pages and style
// sheets are rewritten to their local origins (package markup finds them), and the files that a page, a style sheet or
// a module needs are asked for ahead of the browser (references.go). Everything else, and what has no such addresses,
// is sent as it is: by the system itself where it can (conn.go).
//
// Start with Server in server.go, then read the five in this order. pages.go, failure.go and the pages folder hold what
// a person sees that is not a site's own.
package localserve
