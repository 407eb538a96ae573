// Package copies counts the complete copies of a torrent that others have, from the reports of trackers and the peers
// that were met.
//
// It knows counts and identities of peers, and takes the time from its caller. It must not know connections, tracker
// protocols, or what the numbers are used for.
//
// No source is right alone. A tracker counts seeds that were never met, and those that have disappeared, and can be
// lied to; it counts this client, too. Two seeds disconnect as soon as they know each other's state, so the current
// connections say nothing: a peer that was seen to have everything is remembered for a day. What peers say of third
// parties (the seed flag of BEP 11) is not counted: it can be neither observed nor verified. Mirrors (BEP 19) are not
// counted either, since nothing is known of them but that they answered.
//
// Start with Counter in counter.go.
package copies
