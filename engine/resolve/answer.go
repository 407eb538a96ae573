package resolve

import (
	"slices"
	"time"

	"wtptui/engine"
)

// Answer is what a domain points to, and who said so.
type Answer struct {
	// Host is a domain as lower-case A-labels, or a key.
	Host string
	// Key is the key whose record decides; empty if DNS does. NextKey is another one that the domain names now: see
	// AcceptKey.
	Key, NextKey string
	// Record is what the owner of Key has signed.
	Record engine.Record
	// Named is the key that a domain's TXT records name; empty if none do.
	Named string
	// Infohash is 40 lower-case hex digits; empty when there is no key.
	Infohash string
	// TTL is how much longer the answer holds, from now on: after that it is worth asking again. It is never negative.
	TTL time.Duration
	// Lifetime is the TTL that the answer came with, floor and cap applied: others may believe it for as long.
	Lifetime time.Duration
	// Source is the URL that gave the answer: a DNS server's, or that of a .well-known file.
	Source string
	// At is when it did.
	At time.Time
	// Stale says that the answer has run out and nobody could be asked again, or nobody names a key any more. Cause is
	// why.
	Stale bool
	Cause error
	// AD is the server's word that DNSSEC vouches for the answer (RFC 4035, section 3.2.3).
	AD bool
	// Trackers and WebSeeds are hints beside the key, at most eight each. They are foreign: see threat 23.
	Trackers, WebSeeds []string
	// Warnings are for a person, clean.
	Warnings []string
	// Found are the name's other TXT strings, clean, when none of them is a key.
	Found []string
	// Asked are the servers that were asked for this answer, in that order; empty for one that was remembered.
	Asked []engine.Asked
}

// Name is the answer in the form of the contract; err is what Resolve gave with it. It has no Versions.
func (a Answer) Name(err error) engine.Name {
	n := engine.Name{
		Host: a.Host, Key: a.Key, NextKey: a.NextKey, Record: a.Record, Infohash: a.Infohash,
		Source: engine.Clean(a.Source), At: engine.At(a.At), Stale: a.Stale, DNSSEC: a.AD,
		Trackers: append([]string{}, a.Trackers...), WebSeeds: append([]string{}, a.WebSeeds...),
		Found: append([]string{}, a.Found...), Warnings: append([]string{}, a.Warnings...),
		Asked: append([]engine.Asked{}, a.Asked...), Versions: []engine.Version{},
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

// clone gives an answer whose slices belong to whoever gets it.
func (a Answer) clone() Answer {
	a.Trackers, a.WebSeeds = slices.Clone(a.Trackers), slices.Clone(a.WebSeeds)
	a.Warnings, a.Found, a.Asked = slices.Clone(a.Warnings), slices.Clone(a.Found), slices.Clone(a.Asked)
	return a
}
