// Package hooks runs commands of a person's own when something happens to a site that a machine far away should not
// have to be watched for: it is complete, about to die out, at a new version, or something is wrong.
//
// Start with hooks.go: a Runner watches the engine as any dashboard does. occasions.go says what in two snapshots is an
// occasion. What a command is about is in its environment; what it says goes into the log. One runs at a time, each for
// a bounded time, and none can hold up the engine.
package hooks
