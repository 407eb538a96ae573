// Package field is the text field of windows, of a search and of the filter. It must not know what is typed. Start with
// New.
package field
