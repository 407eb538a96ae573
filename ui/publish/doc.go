// Package publish is the way from a folder to a site, in four steps: which folder; what the check found and what is to
// be done with it; what exactly would be published; and, once it is, who has it, what its domain has to say, and who
// can load it.
//
// It must not know the engine: what has to be done is given to it as functions (Do), and comes back as messages. Start
// with Pane in publish.go, which leads from one step to the next; each step is a type with a file of its own (step.go
// says what they have in common), and complete.go, which reads folders, runs in commands only.
package publish
