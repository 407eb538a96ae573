// Package scroll shows a part of a text that has more lines than there is room for. It must not know the text. Start
// with Window.
package scroll
