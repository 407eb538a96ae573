// Package overview is the pane of everything about one site that is not a list: its addresses, what its domain says and
// who said so, the versions that it has had, and how it is shared. One can switch to another version from it, and keep
// the site's pages from other servers. It must not know the engine: what a person wants is a SiteAction.
//
// Start with Pane; the parts of the text are in site.go, domain.go and sharing.go, and lines.go lays them out.
package overview
