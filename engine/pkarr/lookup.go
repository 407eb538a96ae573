package pkarr

// Lookup is what came of asking the DHT for a key's item.
type Lookup struct {
	// Newest is the newest valid item that was found, or that was known before; zero if there is none.
	Newest Item
	// Answered is how many nodes answered at all. Nearest is how many of those nearest to the item's target did, of which
	// there are eight or, in a small network, fewer; Found of them had Newest.
	Answered, Nearest, Found int
	// Stored is how many nodes took Newest: zero if it was not put.
	Stored int
	// Invalid is how many nodes gave an item that its owner cannot have signed.
	Invalid int
}
