// Package markup finds out how HTML pages and style sheets name other files, rewrites the wtp addresses in them that a
// browser can only open at a local URL, and finds the files that pages, style sheets and scripts need, with their
// urgency.
//
// It knows HTML, CSS and JavaScript. It must not know HTTP, sites or where anything is served: whoever uses it says
// where an address leads, in Options.
//
// A Scanner finds the edits of a file; start there. What follows from them is sent in one of two ways: a Stream
// rewrites a file while it arrives, a Splice reads one that is there as a whole, from any place, without scanning it
// again.
package markup
