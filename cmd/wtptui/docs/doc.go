// Package docs holds the guide and the reference of wtptui, one Markdown file a topic. The same texts are printed by
// wtptui help, become man pages and make a site.
//
// Each file begins with its title and a paragraph that says in one sentence what is in it. Parts between comments such
// as <!-- keys:begin --> and <!-- keys:end --> are written by go test ./cmd/wtptui -run TestDocs -update, because the
// program knows them better.
//
// The package knows texts and their forms. It knows neither the command line nor the engine. Start with docs.go.
package docs
