// Package resolve finds the infohash that a domain or a key points to, who says so, and what it pointed to before.
//
// It knows what owners of keys have signed (BEP 44, as pkarr has it), the TXT record wtpkey=<infohash> and the hints
// beside it, DNS over HTTPS (RFC 8484), the file /.well-known/wtp (RFC 8615) and for how long an answer may be
// believed. It must not know sites, torrents or the database: what it has to remember over restarts it gives to a
// Cache.
//
// Start with Resolve in resolver.go: what is remembered (memory.go) comes first, then the servers in a race (race.go;
// doh.go asks one, message.go judges what it says, txt.go and hints.go find what is meant for us, fault.go says why
// something is not), then the .well-known file (wellknown.go), then an old answer. history.go compares an answer with
// those before it.
//
// What is known of keys is in records.go: reading.go looks one up in the DHT and at relays (relay.go), keep.go puts
// what was signed into the DHT again, and sign.go signs. domainkey.go lets the key decide that a domain names: once its
// record was seen, an infohash in DNS never moves the site, and another key does only after a person has accepted it.
//
// errors.go and words.go put what goes wrong into words.
package resolve
