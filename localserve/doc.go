// Package localserve is the loopback HTTP server through which any browser reads sites. Every site has an origin of
// its own, http://<label>.localhost:<port>/ (see engine.Label); the bare host serves one page that says what this is,
// and has no control surface whatever.
//
// It knows HTTP, browsers and what they must be protected from. It must not know torrents, domains, deadlines or the
// database: sites come from an Opener, as engine.Content.
//
// A request takes four steps, one file each:
//
//	guard.go     may this be asked, by whoever asks? (Host, method, path, Fetch Metadata)
//	route.go     which site is it? Open it, or redirect, or ask the person first
//	file.go      which of the site's files does the path mean?
//	response.go  send it: validators, ranges, types, and what to say while data is still on its way
//
// What may name other files goes a way of its own (webpage.go): addresses of wtp sites in pages and style sheets are
// rewritten to their local origins (package markup finds them), and the files that a page, a style sheet or a module needs
// are asked for ahead of the browser (references.go). Everything else, and what has no such addresses, is sent as it is:
// by the system itself where it can (conn.go).
//
// Start with Server in server.go, then read the four in this order. pages.go and the pages folder hold what a person
// sees that is not a site's own.
package localserve
