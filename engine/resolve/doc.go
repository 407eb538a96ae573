// Package resolve finds the infohash that a domain or a key points to, which source said so, and what it pointed to
// before.
//
// It handles signed records of keys (BEP 44, in the format of pkarr), the TXT record wtpkey=<infohash> and the hints
// beside it, DNS over HTTPS (RFC 8484), the file /.well-known/wtp (RFC 8615), and how long an answer may be cached. It
// must not know sites, torrents or the database: what has to survive restarts it passes to a Cache.
//
// Start with Resolve in resolver.go. Sources are tried in this order: cached answers (memory.go); the DNS servers in a
// race (race.go; doh.go queries one server, message.go checks the DNS message, txt.go and hints.go parse the TXT
// strings, fault.go explains malformed ones); the .well-known file (wellknown.go); an expired answer. history.go
// compares an answer with earlier ones.
//
// records.go holds the records of keys: recordlookup.go looks one up in the DHT and at relays (relay.go), republish.go
// puts a signed record into the DHT again, and sign.go signs. domainkey.go applies the key that a domain names: once
// its record was seen, an infohash in DNS never moves the site, and a different key does so only after a person has
// accepted it.
//
// errors.go and words.go hold the error messages.
package resolve
