// Package page is the pane of one site in full, in seven tabs: overview, peers, files, trackers, pieces, requests, log.
// It must not know the list from which it was opened. Start with Pane.
package page
