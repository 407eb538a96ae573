package engine

// WaitStatus is what a request for a site is waiting for, for the page that is shown meanwhile. All texts are clean
// (see Clean).
type WaitStatus struct {
	// Text describes it in a few words ("pieces, from 3 peers"). It is empty if the request waits for nothing, and for a
	// site that does not exist here.
	Text string
	// Peers is the number of connected peers, Seeds how many of them are complete.
	Peers, Seeds int
	// Rate is the download rate in bytes of content per second.
	Rate int64
	// Tried describes what has been tried to find the site and its peers ("DHT: 120 nodes asked, 0 peers"), in at most six
	// lines.
	Tried []string
}
