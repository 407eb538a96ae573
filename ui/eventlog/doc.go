// Package eventlog is the pane of what has happened to a site, the newest last. Start with Pane.
package eventlog
