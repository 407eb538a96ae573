// Package copies counts the complete copies of a torrent that others have, from what trackers say and from the peers
// that were met.
//
// It knows counts and identities of peers, and time only as it is told. It must not know connections, trackers'
// protocols, or what is done with the numbers.
//
// No source is right alone. A tracker counts seeds that were never met, and those that have gone without a word, and can
// be lied to; it counts this client, too. Two seeds hang up on each other as soon as they know what they are, so that
// the connections of the moment say nothing: it is noted who has everything while that is heard, for a day. What peers
// say of third parties (the seed flag of BEP 11) is not counted: it has neither been seen nor can it be asked for.
// Mirrors (BEP 19) are not counted either, since nothing is known of them but that they answered.
//
// Start with Counter in counter.go.
package copies
