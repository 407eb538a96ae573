// Package pages renders the pages that are not a site's own: failures, the listing of a folder, the loading page. All
// of them have one frame without a script, which loads nothing from other servers.
//
// It knows how they look (page.templ, from which page_templ.go is generated), and the headers that keep them harmless.
// It must not know what they are about.
package pages

// The standard library's html/template is not used: a template may call any method by its name, so that the linker
// would keep each exported method of the whole program.
//
//go:generate go tool -modfile=../../.ci/tools/go.mod templ generate
