package resolve

import (
	"slices"
	"time"

	"wtptui/engine"
)

// Answer is what a domain or a key points to, and which source said so.
type Answer struct {
	// Host is a domain as lower-case A-labels, or a key.
	Host string
	// Key is the key whose signed record decides; empty if DNS decides. NextKey is a different key that the domain
	// names now: see AcceptKey.
	Key, NextKey string
	// Record describes what the owner of Key has signed.
	Record engine.Record
	// NamedKey is the key that the domain's TXT records name; empty if they name none.
	NamedKey string
	// Infohash is 40 lower-case hex digits; empty if the name has none.
	Infohash string
	// TTL is for how much longer the answer is valid. It is never negative.
	TTL time.Duration
	// Lifetime is the TTL that the answer came with, after minimum and maximum were applied.
	Lifetime time.Duration
	// Source is the URL of the DNS server or .well-known file that the answer came from.
	Source string
	// At is when the answer was received.
	At time.Time
	// Stale reports whether the answer may be outdated: it has expired and no server could be queried again, the domain
	// no longer names a key, or a newer record of the key could not be stored. Cause is the reason.
	Stale bool
	Cause error
	// AD is the AD bit of the server: it has validated the answer with DNSSEC (RFC 4035, section 3.2.3).
	AD bool
	// Trackers and WebSeeds are hints from TXT records, at most eight each. They are untrusted: see threat 23.
	Trackers, WebSeeds []string
	// Warnings are sentences for a person, clean.
	Warnings []string
	// OtherStrings holds the name's other TXT strings, clean, if none of them is a key.
	OtherStrings []string
	// Queried lists the servers that were queried for this answer, in order; empty for a cached answer.
	Queried []engine.Asked
}

// Name returns the answer as an engine.Name without Versions. err is the error that Resolve returned with it.
func (a Answer) Name(err error) engine.Name {
	n := engine.Name{
		Host: a.Host, Key: a.Key, NextKey: a.NextKey, Record: a.Record, Infohash: a.Infohash,
		Source: engine.Clean(a.Source), At: engine.At(a.At), Stale: a.Stale, DNSSEC: a.AD,
		Trackers: append([]string{}, a.Trackers...), WebSeeds: append([]string{}, a.WebSeeds...),
		Found: append([]string{}, a.OtherStrings...), Warnings: append([]string{}, a.Warnings...),
		Asked: append([]engine.Asked{}, a.Queried...), Versions: []engine.Version{},
	}
	if a.Lifetime > 0 && !a.At.IsZero() {
		n.Expires = engine.At(a.At.Add(a.Lifetime))
	}
	if err == nil {
		err = a.Cause
	}
	n.Error, n.ErrorKind = engine.Message(err), engine.KindOf(err)
	return n
}

// clone returns a copy whose slices the caller may change.
func (a Answer) clone() Answer {
	a.Trackers, a.WebSeeds = slices.Clone(a.Trackers), slices.Clone(a.WebSeeds)
	a.Warnings, a.OtherStrings, a.Queried = slices.Clone(a.Warnings), slices.Clone(a.OtherStrings), slices.Clone(a.Queried)
	return a
}
