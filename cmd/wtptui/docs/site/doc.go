// Command site writes all topics of the documentation as a folder of HTML pages, which can be opened from the disk, put
// on any web server, or published as a wtp site. It is a program of its own, so that wtptui does not need to write
// HTML.
//
// The same texts and pictures result in the same bytes. Start with main.go; page.go makes a page of a text, and
// layout.html is what surrounds it. `make docs` runs it.
package main
