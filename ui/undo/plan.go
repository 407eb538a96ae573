package undo

import (
	"slices"

	"wtptui/engine"
)

// Now is what is known of the engine at the moment.
type Now struct {
	// Find returns the site of a host, and false if there is none.
	Find func(host string) (engine.Site, bool)
	// Limits returns the limits of a label, or with an empty one those over all sites, on a machine of a fleet if there is
	// one.
	Limits func(label, machine string) engine.Limits
	// Unsettled reports whether Find, or for an empty host Limits, may not know yet what was done from here last: then
	// there is no telling whether somebody else has changed it since, and the engine decides. It may be nil.
	Unsettled func(host string) bool
}

func (n Now) unsettled(host string) bool { return n.Unsettled != nil && n.Unsettled(host) }

// Skipped is a part of a change that makes no sense any more.
type Skipped struct {
	// Host is the Ref of a site; empty for what is about none.
	Host string
	// Why goes on after the name of the site, " is not pinned any more", or is a whole sentence without a host.
	Why string
}

// Plan says what of the changes still makes sense, and what does not because somebody has changed the same since.
func Plan(changes []Change, now Now) (do []Change, skipped []Skipped) {
	for _, c := range changes {
		if c.Limits != nil {
			if now.Limits(c.Limits.To.Label, c.Limits.To.Machine) != c.Limits.From && !now.unsettled("") {
				skipped = append(skipped, Skipped{Why: "The limits have been changed since, and stay as they are"})
				continue
			}
			do = append(do, c)
			continue
		}
		hosts := c.Hosts
		c.Hosts = nil
		for _, host := range hosts {
			s, here := now.Find(host)
			if why := c.pointless(s, here); why != "" && !now.unsettled(host) {
				skipped = append(skipped, Skipped{host, why})
				continue
			}
			c.Hosts = append(c.Hosts, host)
		}
		if len(c.Hosts) > 0 {
			do = append(do, c)
		}
	}
	return do, skipped
}

// Shows reports whether it is to be seen that the change was carried out for a host, or for the limits with an empty
// one.
func (c Change) Shows(host string, now Now) bool {
	if c.Limits != nil {
		return now.Limits(c.Limits.To.Label, c.Limits.To.Machine) == c.Limits.To
	}
	s, here := now.Find(host)
	return c.pointless(s, here) != ""
}

// pointless says why a change makes no sense for a site; empty if it does.
func (c Change) pointless(s engine.Site, here bool) string {
	switch {
	case c.Verb == engine.Undo && here:
		return " is back already"
	case c.Verb == engine.Undo:
		return "" // The engine knows what lies in the bin.
	case !here:
		return " is not here any more"
	case c.Version != nil && VersionOf(s) != c.Version.From:
		return " has been switched since, and stays at its version"
	case c.Assign != nil:
		return c.assigned(s)
	}
	if err := engine.CheckVerb("", c.Verb, s.Host, s.VerbContext()); c.Verb != "" && err != nil {
		return ": " + engine.Message(err)
	}
	if c.Verb.Inverse() != "" && !changes(c.Verb, s) {
		return Texts[c.Verb].Already
	}
	return ""
}

// assigned says why an assignment of one part makes no sense for a site.
func (c Change) assigned(s engine.Site) string {
	has := func(labels []string) bool { return len(labels) > 0 && slices.Contains(s.Labels, labels[0]) }
	switch a := c.Assign; {
	case a.SetEnough && s.Enough != c.Enough:
		return " has been told since when to rest"
	case len(a.Label) > 0 && has(a.Label):
		return " has the label already"
	case len(a.Unlabel) > 0 && !has(a.Unlabel):
		return " does not have the label any more"
	}
	return ""
}
