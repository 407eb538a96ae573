// Package overview is the pane of everything about one site that is not a list: its addresses, what its domain points
// to and which servers answered so, the versions that it has had, and how it is shared. From it a person can switch to
// another version, and forbid the site's pages to ask other servers. It must not know the engine: what a person chooses
// is a SiteAction.
//
// Start with Pane; the parts of the text are in site.go, domain.go and sharing.go, and lines.go lays them out.
package overview
