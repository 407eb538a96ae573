package engine

// WaitStatus is what a request for a site waits for now, for a page that is shown meanwhile. All texts are clean (see
// Clean).
type WaitStatus struct {
	// Text says what is waited for in a few words ("pieces, from 3 peers"); empty if that is nothing, and for a site that
	// is not here.
	Text string
	// Peers are connected peers, Seeds those of them that have everything.
	Peers, Seeds int
	// Rate is how many bytes of content come in a second.
	Rate int64
	// Tried says what has been tried to find the site and its peers, in plain words ("DHT: 120 nodes asked, 0 peers"), at
	// most six lines.
	Tried []string
}
