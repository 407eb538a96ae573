// Package publish is the way from a folder to a site, in four steps: which folder; what the check found and what is to
// be done with it; what exactly would be published; and, once it is, who has it, what its domain points to, and who can
// load it.
//
// It must not know the engine: what it does is passed to it as functions (Commands), and is reported as messages. Start
// with Pane in publish.go, which leads from one step to the next; each step is a type with a file of its own (step.go
// has their common interface), and complete.go, which reads folders, runs in commands only.
package publish
