package engine

import "slices"

// VerbContext holds what decides which verbs can be applied to a site. The zero value is that of a host that is not a
// site here.
type VerbContext struct {
	// Here reports whether the site is one of Snapshot.Sites, and Binned whether it is in the bin; never both.
	Here, Binned bool
	// Found reports whether it was found in the data folder; see State.
	Found bool
	// Own reports whether a person published the site here. The site that wtptui brings along is not Own.
	Own bool
	// Listed reports whether its list of files is known.
	Listed bool
	// Home is the URL of the site's home that is on; empty if there is none. A site with such a home is kept.
	Home string
	// Copies describes the copies of an own site elsewhere, for the message; may be empty.
	Copies string
}

// VerbContext returns the context of a site of a snapshot, without Home and Copies.
func (s Site) VerbContext() VerbContext {
	return VerbContext{Here: true, Found: s.State == Found, Own: s.Own, Listed: s.Size >= 0}
}

// ownCopyText begins the message of an eviction that is refused.
const ownCopyText = "it was published here, so your copy is not evicted: "

// CheckVerb returns an *Error if a verb cannot be applied to a site. Every Engine uses it, so that all refuse the same
// verbs for the same reasons.
func CheckVerb(op string, verb Verb, host string, s VerbContext) error {
	refuse := func(kind Kind, msg string) error { return &Error{Op: op, Host: host, Kind: kind, Msg: msg} }
	switch {
	case verb == Undo && !s.Binned:
		return refuse(NotFound, "it is not in the bin: add the site again")
	case s.Binned && (verb == Undo || verb == Evict || verb == Remove || verb == RemoveNow):
		return nil
	case !s.Here:
		return MissingSiteError(op, host, s.Binned)
	case s.Found && (verb == Evict || verb == Announce):
		return FoundSiteError(op, host)
	case s.Own && verb == Unpin:
		return refuse(Conflict, "it was published here, so it stays pinned: remove the site instead")
	case s.Home != "" && verb == Unpin:
		return refuse(Conflict, "it is public at "+s.Home+", so it stays pinned: "+
			"take it off its home first (`wtptui home off NAME`)")
	case s.Own && verb == Evict && s.Copies != "":
		return refuse(Conflict, ownCopyText+s.Copies+". Remove the site to delete it")
	case s.Own && verb == Evict:
		return refuse(Conflict, ownCopyText+"remove the site to delete it")
	case verb == Verify && !s.Listed:
		return refuse(NotReady, "there is nothing to verify yet: its list of files has not arrived")
	}
	return nil
}

// CheckVersion returns an *Error of Kind NotFound if a site cannot be switched to a version or, with an empty infohash,
// cannot follow its domain again. versions are those of the site. Every Engine uses it.
func CheckVersion(op, host, infohash string, versions []Version) error {
	refuse := func(msg string) error { return &Error{Op: op, Host: host, Kind: NotFound, Msg: msg} }
	switch {
	case infohash == "" && IsInfohash(host):
		return refuse("an infohash has no domain to follow: it never changes")
	case infohash == "" || slices.ContainsFunc(versions, func(v Version) bool { return v.Infohash == infohash }):
		return nil
	}
	return refuse("the site has no such version: `wtptui versions " + host + "` lists those that it has")
}

// MissingSiteError returns the error for a site that is not listed here. binned reports whether it is in the bin. Its
// Kind is NotFound.
func MissingSiteError(op, host string, binned bool) *Error {
	msg := "there is no such site here: add it first"
	if binned {
		msg = "it lies in the bin: `wtptui undo " + host + "` brings it back"
	}
	return &Error{Op: op, Host: host, Kind: NotFound, Msg: msg}
}
