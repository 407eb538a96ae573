// Package page is the pane of one site in full: overview, peers, files, trackers, log. It must not know the list that
// it was opened from. Start with Pane.
package page
