package pkarr

// Lookup is the result of a DHT look-up of a key's item.
type Lookup struct {
	// Newest is the newest valid item that was found, or that was known before; zero if there is none.
	Newest Item
	// Answered is how many nodes answered. Nearest is how many of the nodes nearest to the target answered; there are
	// eight of those or, in a small network, fewer. Found is how many of them had Newest.
	Answered, Nearest, Found int
	// Stored is how many nodes stored Newest: zero if it was not put.
	Stored int
	// Invalid is how many nodes returned an item that was not signed by its owner.
	Invalid int
}
