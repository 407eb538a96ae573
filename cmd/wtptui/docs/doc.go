// Package docs holds the guide and the reference of wtptui, one Markdown file a topic. The same texts are printed by
// wtptui help and make a site; those in verbs are the help of the verbs, and those in man parts of the man pages.
//
// Each topic begins with its title and a paragraph that says in one sentence what is in it. Parts between comments such
// as <!-- keys:begin --> and <!-- keys:end --> are generated from the program. After any change, `make generate` writes
// them, and texts.json, in which the program finds all texts already parsed.
//
// The package knows the names of its texts. What a text consists of is in the package document, how Markdown is read in
// markdown, how a text looks in a terminal in terminal, as a man page in roff, and as a site in site. None of them
// knows the command line or the engine. Start with docs.go.
package docs
