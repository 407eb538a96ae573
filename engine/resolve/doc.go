// Package resolve finds the infohash that a domain points to.
//
// It knows the TXT record wtpkey=<infohash>, DNS over HTTPS (RFC 8484) and for how long an answer may be believed. It
// must not know sites, torrents or the database: what it has to remember over restarts it gives to a Cache.
//
// Start with Resolve in resolver.go: what is remembered (memory.go) comes first, then the servers one after the other
// (doh.go asks, message.go judges what they say, txt.go finds the key), then an old answer.
package resolve
