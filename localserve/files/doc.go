// Package files answers requests from the files of sites, for whoever serves them: what a path means, what its answer
// says of itself, and the bytes. A site comes from an Opener, as engine.Content; where it is served, and what other
// sites are from there, an Origin says.
//
// It knows HTTP and what the owner of a site may say about it. It must not know who may ask (that is for the server),
// nor torrents, domains, deadlines or the database.
//
//	check.go     is it a request for a file at all?
//	visit.go     find what of the site answers
//	locate.go    which of the site's files does the path mean?
//	response.go  send it: validators, ranges, types
//
// Files are also sent as they are in the torrent, by none of that (raw.go), and the server's own out of memory
// (static.go).
//
// What the site's owner has said about that is in rules.go, redirects.go (_redirects) and headers.go (_headers);
// packed.go sends what was compressed beforehand; types.go and charset.go tell what a file is, and memo.go remembers
// it.
//
// While data is still on its way, patience.go says how long a request waits, and loading.go shows a person what is
// awaited.
//
// What may name other files goes a way of its own (webpage.go, rewritten.go): addresses of wtp sites in pages and style
// sheets are rewritten to where those are found (package markup finds them), and the files that a page, a style sheet
// or a module needs are asked for ahead of the browser (references.go). Everything else, and what has no such
// addresses, is sent as it is: by the system itself where it can (conn.go).
//
// Start with Server in server.go. Most tests of this package are in package localserve, which asks over HTTP.
package files
