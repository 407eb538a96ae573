package resolve

import "time"

// Answer is what a domain points to, and who said so.
type Answer struct {
	// Host is a domain as lower-case A-labels.
	Host string
	// Infohash is 40 lower-case hex digits; empty when there is no key.
	Infohash string
	// TTL is how much longer the answer holds, from now on: after that it is worth asking again. It is never negative.
	TTL time.Duration
	// Source is the URL of the server that gave the answer.
	Source string
	// At is when it did.
	At time.Time
	// Stale says that the answer has run out and nobody could be asked again.
	Stale bool
	// AD is the server's word that DNSSEC vouches for the answer (RFC 4035, section 3.2.3). It is not remembered over
	// restarts, and neither are Warnings.
	AD bool
	// Warnings are for a person, clean.
	Warnings []string
	// Found are the name's other TXT strings, clean, when none of them is a key.
	Found []string
}
