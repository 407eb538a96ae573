// Command site writes all topics of the documentation as a folder of HTML pages, which can be opened from the disk,
// put on any host, or published as a wtp site. It is a program of its own, so that wtptui does without HTML.
//
// The same texts and pictures give the same bytes. Start with main.go; page.go makes a page of a text, and layout.html
// what is around it. `make docs` runs it.
package main
