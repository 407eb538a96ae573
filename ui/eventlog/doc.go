// Package eventlog is the pane of what has happened to a site, and the window of what has happened at all, the newest
// last. Start with Pane and Window.
package eventlog
