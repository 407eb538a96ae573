// Package loader is the page that opens a site from a BitTorrent swarm inside the browser: a top page with a frame for
// the site, a service worker that answers the frame's requests, and a client that fetches and seeds. All of it is plain
// JavaScript in the folder page, which is compiled in.
//
// A home serves it beside the plain website (package home), and WriteFolder writes it as a folder for any static host.
// The package must not know torrents or where they come from: its callers describe a site as a Site.
//
//	loader.go  the files of the page, and their version
//	frame.go   the top page, filled in for one address
//	policy.go  what the top page may do
//	site.go    the description of a site for the page
//	folder.go  the static folder
package loader
