package engine

// Awaited says what a request for a site waits for, for a person who waits with it.
type Awaited struct {
	// Text is what is awaited, as part of a sentence: "peers: none found yet".
	Text string
	// Peers and Seeds are connected; Rate is how many bytes of content come in a second.
	Peers, Seeds int
	Rate         int64
	// Tried is what was tried so far, one clean line each.
	Tried []string
}
