// Package inspector is the pane below the table: peers, files, trackers and log of the selected site, and its rates of
// the last minute. It must not know the table. Start with Pane.
package inspector
