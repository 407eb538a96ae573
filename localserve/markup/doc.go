// Package markup finds references to other files in HTML pages, style sheets and scripts. It rewrites the wtp
// addresses that a browser can only open at a local URL, and reports the files that are needed, with their urgency.
//
// It knows HTML, CSS and JavaScript. It must not know HTTP, sites or where anything is served: the caller resolves
// addresses, in Options.
//
// Start with Scanner, which finds the edits of a file. They are applied in one of two ways: a Stream rewrites a file
// while it arrives, and a Splice reads a complete file at any offset, without scanning it again.
package markup
