// Package files serves the files of sites: it maps paths to files, sets headers and sends bodies. A site comes from an
// Opener, as engine.Content; an Origin knows the URLs of this site and of others.
//
// It knows HTTP and the rules that a site's owner may set. It must not know which clients may make requests (that is
// for the server), nor torrents, domains, deadlines or the database.
//
//	check.go     is it a request for a file?
//	request.go   find the resource to serve
//	locate.go    which of the site's files does the path stand for?
//	response.go  the response: delayed until the file has data
//	send.go      send it: validators, ranges, types
//
// Two kinds of files take none of these steps: files as they are in the torrent (raw.go), and the server's own from
// memory (static.go).
//
// rules.go, redirects.go (_redirects) and headers.go (_headers) apply the rules of the site's owner. packed.go sends
// files that were compressed beforehand; types.go and charset.go determine the type of a file, and facts.go caches it.
//
// While data has not arrived yet, waitcontext.go limits how long a request waits, and loading.go shows a person what it
// waits for.
//
// Pages and style sheets are handled separately (webpage.go, rewritten.go): addresses of wtp sites in them are replaced
// by the URLs of those sites (package markup finds them), and the files that a page, a style sheet or a module needs
// are requested before the browser does so (references.go). Everything else, and what has no such addresses, is sent as
// it is: by the system itself where it can (conn.go).
//
// Start with Server in server.go. Most tests of this package are in package localserve, which makes HTTP requests.
package files
