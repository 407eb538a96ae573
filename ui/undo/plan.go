package undo

import (
	"slices"

	"wtptui/engine"
)

// EngineState is the newest known state of the engine.
type EngineState struct {
	// Lookup returns the site of a host, and false if there is none.
	Lookup func(host string) (engine.Site, bool)
	// Limits returns the limits of a label, or with an empty label those over all sites; in a fleet those of a machine.
	Limits func(label, machine string) engine.Limits
	// Unsettled reports whether Lookup, or for an empty host Limits, may not yet show the last change made from here. Then
	// it is unknown whether somebody else has changed the same since, and the engine decides. It may be nil.
	Unsettled func(host string) bool
}

func (n EngineState) isUnsettled(host string) bool { return n.Unsettled != nil && n.Unsettled(host) }

// Skipped is a part of a change that has no effect any more.
type Skipped struct {
	// Host is the Ref of a site; empty for what concerns no site.
	Host string
	// Why follows the name of the site, " is not pinned any more", or is a whole sentence without a host.
	Why string
}

// Plan returns those of the changes that still have an effect, and those that it skips because somebody has changed the
// same since.
func Plan(changes []Change, state EngineState) (do []Change, skipped []Skipped) {
	for _, c := range changes {
		if c.Limits != nil {
			if state.Limits(c.Limits.To.Label, c.Limits.To.Machine) != c.Limits.From && !state.isUnsettled("") {
				skipped = append(skipped, Skipped{Why: "The limits have been changed since, and stay as they are"})
				continue
			}
			do = append(do, c)
			continue
		}
		hosts := c.Hosts
		c.Hosts = nil
		for _, host := range hosts {
			s, found := state.Lookup(host)
			if why := c.noEffectReason(s, found); why != "" && !state.isUnsettled(host) {
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

// IsApplied reports whether the state shows that the change was carried out for a host, or with an empty host for the
// limits.
func (c Change) IsApplied(host string, state EngineState) bool {
	if c.Limits != nil {
		return state.Limits(c.Limits.To.Label, c.Limits.To.Machine) == c.Limits.To
	}
	s, found := state.Lookup(host)
	return c.noEffectReason(s, found) != ""
}

// noEffectReason returns why a change has no effect on a site; empty if it has one. found reports whether there is such
// a site.
func (c Change) noEffectReason(s engine.Site, found bool) string {
	switch {
	case c.Verb == engine.Undo && found:
		return " is back already"
	case c.Verb == engine.Undo:
		return "" // The engine knows what lies in the bin.
	case !found:
		return " is not here any more"
	case c.Version != nil && HeldVersion(s) != c.Version.From:
		return " has been switched since, and stays at its version"
	case c.Assign != nil:
		return c.assignmentNoEffectReason(s)
	}
	if err := engine.CheckVerb("", c.Verb, s.Host, s.VerbContext()); c.Verb != "" && err != nil {
		return ": " + engine.Message(err)
	}
	if c.Verb.Inverse() != "" && !changesSite(c.Verb, s) {
		return VerbTexts[c.Verb].Already
	}
	return ""
}

// assignmentNoEffectReason returns why an assignment of one part has no effect on a site; empty if it has one.
func (c Change) assignmentNoEffectReason(s engine.Site) string {
	has := func(labels []string) bool { return len(labels) > 0 && slices.Contains(s.Labels, labels[0]) }
	switch a := c.Assign; {
	case a.SetEnough && s.Enough != c.Enough:
		return " has another number of enough seeds by now"
	case len(a.Label) > 0 && has(a.Label):
		return " has the label already"
	case len(a.Unlabel) > 0 && !has(a.Unlabel):
		return " does not have the label any more"
	}
	return ""
}
