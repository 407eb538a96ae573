package engine

import "slices"

// VerbContext is what decides which verbs can be done to a site. The zero value is that of a host that is no site here.
type VerbContext struct {
	// Here reports whether it is one of Snapshot.Sites, and Binned that it lies in the bin; never both.
	Here, Binned bool
	// Found reports whether it was found in the data folder; see State.
	Found bool
	// Own reports whether a person published it here. The site that wtptui brings along is not one of these.
	Own bool
	// Listed reports whether its list of files is known.
	Listed bool
	// Home is where anybody opens the site, if it is at home there now: a home's site stays (see Home).
	Home string
	// Copies says of an own site what is known of its copies elsewhere, for the message; it may be empty.
	Copies string
}

// VerbContext returns the standing of a site of a snapshot, without Home and Copies.
func (s Site) VerbContext() VerbContext {
	return VerbContext{Here: true, Found: s.State == Found, Own: s.Own, Listed: s.Size >= 0}
}

// ownCopyText begins the message of an eviction that is refused.
const ownCopyText = "it was published here, and your copy is no part of the cache: "

// CheckVerb returns why a verb cannot be done to a site, as an *Error, and nil if it can. Every Engine asks it, so
// that all refuse the same for the same reason.
func CheckVerb(op string, verb Verb, host string, s VerbContext) error {
	refuse := func(kind Kind, msg string) error { return &Error{Op: op, Host: host, Kind: kind, Msg: msg} }
	switch {
	case verb == Undo && !s.Binned:
		return refuse(NotFound, "it does not lie in the bin, or does not any more: add the site again")
	case s.Binned && (verb == Undo || verb == Evict || verb == Remove || verb == RemoveNow):
		return nil
	case !s.Here:
		return MissingSiteError(op, host, s.Binned)
	case s.Found && (verb == Evict || verb == Announce):
		return FoundSiteError(op, host)
	case s.Own && verb == Unpin:
		return refuse(Conflict, "it was published here and is kept for as long as it is a site: remove it if it is to go")
	case s.Home != "" && verb == Unpin:
		return refuse(Conflict, "it is public at "+s.Home+", and kept for that: "+
			"take it off its home first (`wtptui home off NAME`)")
	case s.Own && verb == Evict && s.Copies != "":
		return refuse(Conflict, ownCopyText+s.Copies+". Remove the site if it is to go")
	case s.Own && verb == Evict:
		return refuse(Conflict, ownCopyText+"remove the site if it is to go")
	case verb == Verify && !s.Listed:
		return refuse(NotReady, "there is nothing to verify yet: its list of files has not arrived")
	}
	return nil
}

// CheckVersion returns why a site cannot be switched to a version, or with an empty infohash cannot follow its domain
// again, as an *Error of Kind NotFound; nil if it can. Every Engine asks it. The versions are those that the site has.
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

// MissingSiteError returns the error for a site that is asked for and is not listed here; binned says that it lies in
// the bin. Its Kind is NotFound.
func MissingSiteError(op, host string, binned bool) *Error {
	msg := "there is no such site here: add it first"
	if binned {
		msg = "it lies in the bin: `wtptui undo " + host + "` brings it back"
	}
	return &Error{Op: op, Host: host, Kind: NotFound, Msg: msg}
}
