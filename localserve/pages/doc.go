// Package pages renders the pages that are not a site's own: failures, the listing of a folder, the loading page. All
// of them come from one template without a script, which loads nothing from other servers.
//
// It knows how they look, and the headers that keep them harmless. It must not know what they are about.
package pages
