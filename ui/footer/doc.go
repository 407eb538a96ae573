// Package footer is the pane of the last line: the keys that work now, as many as fit, from the key table. It must not
// know what they do. Start with View.
package footer
