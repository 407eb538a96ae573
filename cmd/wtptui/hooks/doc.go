// Package hooks runs a person's own commands when something happens to a site, so that nobody has to watch a remote
// machine: the site is complete, endangered or at a new version, or something is wrong.
//
// Start with hooks.go: a Runner watches the engine as any dashboard does. triggers.go compares snapshots and returns
// what triggers a command. What a command is about is in its environment; its output is logged. One command runs at a
// time, each with a timeout, and none can block the engine.
package hooks
