// Package localserve is the loopback HTTP server through which any browser reads sites. Every site has an origin of
// its own, http://<label>.localhost:<port>/ (see engine.OriginLabel); the bare host serves a single page that describes
// the server, and nothing that controls the program.
//
// It knows HTTP, browsers and what they must be protected from. It must not know torrents, domains, deadlines or the
// database: sites come from an Opener, as engine.Content.
//
// A request takes three steps:
//
//	guard.go  is the request allowed? (Host, method, path; requester.go: who makes it, by Fetch Metadata)
//	route.go  which site is it for? Open it, redirect, or ask the person first
//	package files: serve the site's file
//
// origin.go builds the URLs of sites; bare.go holds the pages of the bare host and the confirmation pages. The
// concurrent requests of each site are limited by package limits, and package pages renders all pages that are not a
// site's own.
//
// Start with Server in server.go, then read the steps in this order.
package localserve
