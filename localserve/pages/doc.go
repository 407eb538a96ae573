// Package pages is what a person sees of a server that is not a site's own: its failures, the list of a folder, the page
// that waits. All of them are one template without a script, which asks nobody for anything.
//
// It knows how they look, and which headers keep them harmless. It must not know what they are about.
package pages
