// Package scroll is a window on lines of text that may be more than there is room for. It must not know the text.
// Start with Window.
package scroll
