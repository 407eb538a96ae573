package ui

import (
	"iter"
	"slices"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/undo"
)

// actionVerb is the verb that an action requests. An action with isOn is a toggle: if isOn is true for all sites it
// requests the verb's inverse, otherwise the verb for those where it is false.
type actionVerb struct {
	verb engine.Verb
	isOn func(*engine.Site) bool
}

// actionVerbs are the actions that request a verb.
var actionVerbs = map[keys.Action]actionVerb{
	keys.Touch:    {verb: engine.Touch},
	keys.Evict:    {verb: engine.Evict},
	keys.Remove:   {verb: engine.Remove},
	keys.Announce: {verb: engine.Announce},
	keys.Verify:   {verb: engine.Verify},
	keys.Allow:    {verb: engine.Allow},

	keys.AcceptKey: {verb: engine.AcceptKey},

	keys.Pin: {engine.Pin, func(s *engine.Site) bool { return s.Pinned }},
	keys.Pause: {engine.Pause, func(s *engine.Site) bool {
		return s.State == engine.Paused || s.State == engine.Found
	}},
	keys.NoClearnet: {engine.NoClearnet, func(s *engine.Site) bool { return s.NoClearnet }},
}

// reason is why a verb is not requested for a site; the zero reason is none.
type reason struct {
	text string
	// noEffect reports whether the engine would accept the verb, and nothing would change. Then the text follows the
	// site's name, and is a sentence of its own otherwise.
	noEffect bool
}

// verbRefusal returns why a verb is not requested for a site: because the engine would refuse it, by its own rule, or
// because it has no effect. Nothing else on the screen decides that.
func verbRefusal(v engine.Verb, s *engine.Site) reason {
	if s.Away {
		return reason{text: s.Machine + " is away: what is shown was there last"}
	}
	if err := engine.CheckVerb("", v, s.Host, s.VerbContext()); err != nil {
		return reason{text: engine.Message(err)}
	}
	switch {
	case v == engine.Touch && s.Pinned:
		return reason{" is pinned: it never expires", true}
	case v == engine.Allow && s.ErrorKind != engine.TooLarge:
		return reason{" was not refused for its size", true}
	case v == engine.AcceptKey && s.NextKey == "":
		return reason{" has no other key to accept", true}
	}
	return reason{}
}

// afterName returns the reason to follow the site's name.
func (r reason) afterName() string {
	if r.noEffect {
		return r.text
	}
	return ": " + r.text
}

// withoutName returns the reason where it is clear which site it concerns.
func (r reason) withoutName() string {
	if r.noEffect {
		return "the site" + r.text
	}
	return r.text
}

// resolveVerb returns the verb that an action requests for sites, and those that it concerns with the reason, if there
// is one, why it is not requested for them.
func resolveVerb(a keys.Action, sites iter.Seq[*engine.Site]) (engine.Verb, iter.Seq2[*engine.Site, reason]) {
	t := actionVerbs[a]
	verb, on := t.verb, false
	if t.isOn != nil {
		on = true
		for s := range sites {
			if on = t.isOn(s); !on {
				break
			}
		}
	}
	if on {
		verb = verb.Inverse()
	}
	return verb, func(yield func(*engine.Site, reason) bool) {
		for s := range sites {
			isSo := t.isOn != nil && !on && t.isOn(s)
			if !isSo && !yield(s, verbRefusal(verb, s)) {
				return
			}
		}
	}
}

// maxExamined is how many marked sites are examined for the footer, so that a frame costs no more with ten thousand.
const maxExamined = 200

// refusalOfAll returns why an action is possible for none of the sites; empty if it is for one, or if there are so many
// that only pressing the key shows it.
func refusalOfAll(a keys.Action, sites iter.Seq[*engine.Site]) string {
	n, first := 0, ""
	_, judged := resolveVerb(a, firstSites(sites, maxExamined+1))
	for _, why := range judged {
		if n++; why == (reason{}) || n > maxExamined {
			return ""
		}
		if n == 1 {
			first = why.withoutName()
		}
	}
	return first
}

// firstSites returns the first n sites.
func firstSites(sites iter.Seq[*engine.Site], n int) iter.Seq[*engine.Site] {
	return func(yield func(*engine.Site) bool) {
		left := n
		for s := range sites {
			if left--; left < 0 || !yield(s) {
				return
			}
		}
	}
}

// request is a verb for some sites, and the sites that are left out.
type request struct {
	verb    engine.Verb
	sites   []engine.Site
	skipped []undo.Skipped
	// noEffect reports whether the verb would change nothing of all sites that are left out.
	noEffect bool
}

// newRequest returns what an action requests for sites.
func newRequest(a keys.Action, sites []engine.Site) request {
	verb, judged := resolveVerb(a, sitePointers(sites))
	r := request{verb: verb, noEffect: true}
	for s, why := range judged {
		if why == (reason{}) {
			r.sites = append(r.sites, *s)
			continue
		}
		r.skipped = append(r.skipped, undo.Skipped{Host: s.Ref(), Why: why.afterName()})
		r.noEffect = r.noEffect && why.noEffect
	}
	return r
}

// sitePointers iterates over sites without copies.
func sitePointers(sites []engine.Site) iter.Seq[*engine.Site] {
	return func(yield func(*engine.Site) bool) {
		for i := range sites {
			if !yield(&sites[i]) {
				return
			}
		}
	}
}

// noSitesText returns why a request is for no site at all.
func (r request) noSitesText(name func(host string, w int) string) (engine.Level, string) {
	others := slices.ContainsFunc(r.skipped, func(s undo.Skipped) bool { return s.Why != r.skipped[0].Why })
	switch {
	case r.noEffect && len(r.skipped) == 1:
		return engine.Info, name(r.skipped[0].Host, nameWidth) + r.skipped[0].Why
	case r.noEffect && !others:
		return engine.Info, "Each of the " + format.Plural(len(r.skipped), "marked site") + r.skipped[0].Why
	case len(r.skipped) == 1:
		return engine.Warning, "Could not " + verbWord(r.verb) + " " + name(r.skipped[0].Host, nameWidth) + r.skipped[0].Why
	}
	none := "Could not " + verbWord(r.verb) + " any of the " + format.Plural(len(r.skipped), "marked site") + ". "
	return engine.Warning, none + skippedText(r.skipped, name)
}

// leftOutText returns what is left out of a request; empty if nothing is.
func leftOutText(left []undo.Skipped, name func(host string, w int) string) string {
	if len(left) == 0 {
		return ""
	}
	return "Left out: " + skippedText(left, name)
}
