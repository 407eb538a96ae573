package dial

// Origin is the source of an address.
type Origin uint8

// The origins of addresses.
const (
	Given Origin = iota // by the user
	Tracker
	DHT
	PEX // another peer (BEP 11)
	LSD // on the local network (BEP 14)
	Incoming
	Holepunch // another peer, to be dialed at once (BEP 55)
)

var originNames = [...]string{
	Given: "given", Tracker: "tracker", DHT: "dht", PEX: "pex", LSD: "lsd", Incoming: "incoming", Holepunch: "pex",
}

// String returns the name that people read.
func (o Origin) String() string { return originNames[o] }

var precedences = [...]uint8{Given: 0, LSD: 1, Tracker: 2, DHT: 3, Incoming: 4, Holepunch: 5, PEX: 6}

// precedence is the order in which addresses are called, the lowest first. One with a lower precedence displaces one
// with a higher one when a Book is full.
func (o Origin) precedence() uint8 { return precedences[o] }

// isTrusted reports whether an address is tried for long before it is forgotten.
func (o Origin) isTrusted() bool { return o.precedence() <= DHT.precedence() }

// isHearsay reports whether peers named an address, who may name any that they like.
func (o Origin) isHearsay() bool { return o == PEX || o == Holepunch }
