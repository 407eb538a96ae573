// Package eventlog is the pane of the events of a site, and the window of all events, the newest last. Start with Pane
// and Window.
package eventlog
