package engine

// Name is what a domain or a key points to, who said so, and what it pointed to before. All texts are clean (see
// Clean).
type Name struct {
	// Host is the domain as lower-case A-labels, or the key.
	Host string `json:"host"`
	// Key is the key whose record decides where the site is: for a domain the one that its TXT record wtppub= names, for a
	// key itself; empty if DNS decides. NextKey is another one that the domain names now, and that a person has to confirm
	// (see AcceptKey).
	Key     string `json:"key"`
	NextKey string `json:"next_key"`
	// Record is what the key's owner has signed; zero without a key.
	Record Record `json:"record"`
	// Infohash is what it points to; empty when nothing says so.
	Infohash string `json:"infohash"`
	// Source is the URL that said so, and At when it did.
	Source string `json:"source"`
	At     Time   `json:"at"`
	// Expires is when the answer's time to live ends.
	Expires Time `json:"expires"`
	// Stale reports whether the answer has run out and nobody could be asked again, nobody names a key any more, or the
	// servers contradict each other: see ErrorKind.
	Stale bool `json:"stale"`
	// DNSSEC is the resolver's word that the answer is authentic (the AD bit of RFC 4035).
	DNSSEC bool `json:"dnssec"`
	// Trackers and WebSeeds are the hints beside the key: wtptracker= and wtpseed= (BEP 19), at most eight each.
	Trackers []string `json:"trackers"`
	WebSeeds []string `json:"web_seeds"`
	// Found are the domain's other TXT strings when none of them is a key.
	Found []string `json:"found"`
	// Warnings say what a person should know of the answer: two keys, resolvers that disagree, a return to an old hash.
	Warnings []string `json:"warnings"`
	// Error says why there is no infohash, or why the answer is stale, and what to do; ErrorKind classifies it.
	Error     string `json:"error"`
	ErrorKind Kind   `json:"error_kind"`
	// Asked are those that were asked last, in the order in which they were: DNS servers, the DHT ("dht") and relays.
	Asked []Asked `json:"asked"`
	// Versions are the infohashes that the domain has had, newest first.
	Versions []Version `json:"versions"`
}

// Asked is one server's part in an answer.
type Asked struct {
	URL string `json:"url"`
	// Took is how long it took to answer, or to fail, in nanoseconds.
	Took int64 `json:"took"`
	// Infohash is what it said; empty when it named none.
	Infohash string `json:"infohash"`
	// Error is why it gave no answer; empty when it did, or was not waited for.
	Error string `json:"error"`
}

// Resolver is one DNS over HTTPS server's health. A domain that cannot be looked up is not held against the server as
// long as that answers for others.
type Resolver struct {
	URL string `json:"url"`
	// Last is when it was asked last; zero when it never was.
	Last Time `json:"last"`
	// Took is how long that took, in nanoseconds.
	Took int64 `json:"took"`
	// Error is what is wrong with the server: it cannot be reached, is not one, or answers for no name. Empty if it is
	// well.
	Error string `json:"error"`
}
