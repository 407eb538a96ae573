// Package field is the text field in which a person types: in windows, in a search and in the filter. It must not know
// what is typed. Start with New.
package field
