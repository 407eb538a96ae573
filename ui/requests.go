package ui

import (
	"iter"
	"slices"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/undo"
)

// actionVerb is what an action asks of the engine: the verb on. One with an is turns something around: what is on for
// all sites goes off, by the verb's inverse, else it goes on where it is off.
type actionVerb struct {
	on engine.Verb
	is func(*engine.Site) bool
}

// actionVerbs are the actions that ask the engine for a verb.
var actionVerbs = map[keys.Action]actionVerb{
	keys.Touch:    {on: engine.Touch},
	keys.Evict:    {on: engine.Evict},
	keys.Remove:   {on: engine.Remove},
	keys.Announce: {on: engine.Announce},
	keys.Verify:   {on: engine.Verify},
	keys.Allow:    {on: engine.Allow},

	keys.AcceptKey: {on: engine.AcceptKey},

	keys.Pin: {engine.Pin, func(s *engine.Site) bool { return s.Pinned }},
	keys.Pause: {engine.Pause, func(s *engine.Site) bool {
		return s.State == engine.Paused || s.State == engine.Found
	}},
	keys.NoClearnet: {engine.NoClearnet, func(s *engine.Site) bool { return s.NoClearnet }},
}

// reason is why a verb is not asked for of a site; the zero reason is none.
type reason struct {
	text string
	// pointless is that the engine would do it, and nothing would change. Then the text goes on after the site's name, and
	// is a sentence of its own otherwise.
	pointless bool
}

// whyNotDo returns why a verb is not asked for of a site: what the engine would refuse, by its rule, and what has no
// sense. Nothing else on the screen decides that.
func whyNotDo(v engine.Verb, s *engine.Site) reason {
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

// after returns the reason as it goes on after the site's name.
func (r reason) after() string {
	if r.pointless {
		return r.text
	}
	return ": " + r.text
}

// here returns the reason where it is clear which site it is about.
func (r reason) here() string {
	if r.pointless {
		return "the site" + r.text
	}
	return r.text
}

// verbFor returns the verb that an action stands for with sites, and those that it concerns with the reason, if there
// is one, why it is not asked for of them.
func verbFor(a keys.Action, sites iter.Seq[*engine.Site]) (engine.Verb, iter.Seq2[*engine.Site, reason]) {
	t := actionVerbs[a]
	verb, on := t.on, false
	if t.is != nil {
		on = true
		for s := range sites {
			if on = t.is(s); !on {
				break
			}
		}
	}
	if on {
		verb = verb.Inverse()
	}
	return verb, func(yield func(*engine.Site, reason) bool) {
		for s := range sites {
			isSo := t.is != nil && !on && t.is(s)
			if !isSo && !yield(s, whyNotDo(verb, s)) {
				return
			}
		}
	}
}

// maxExamined is how many marked sites are examined for the footer: a frame costs no more with ten thousand.
const maxExamined = 200

// whyNotAny returns why an action can be done to none of the sites; empty if it can to one, or there are so many that
// only pressing the key tells.
func whyNotAny(a keys.Action, sites iter.Seq[*engine.Site]) string {
	n, first := 0, ""
	_, judged := verbFor(a, firstSites(sites, maxExamined+1))
	for _, why := range judged {
		if n++; why == (reason{}) || n > maxExamined {
			return ""
		}
		if n == 1 {
			first = why.here()
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

// request is what is asked of the engine: a verb for some sites, and what of the sites that were meant is left out.
type request struct {
	verb  engine.Verb
	sites []engine.Site
	left  []undo.Skipped
	// pointless is that all that is left out would change nothing.
	pointless bool
}

// requestOf returns what an action asks for sites.
func requestOf(a keys.Action, sites []engine.Site) request {
	verb, judged := verbFor(a, sitePointers(sites))
	r := request{verb: verb, pointless: true}
	for s, why := range judged {
		if why == (reason{}) {
			r.sites = append(r.sites, *s)
			continue
		}
		r.left = append(r.left, undo.Skipped{Host: s.Ref(), Why: why.after()})
		r.pointless = r.pointless && why.pointless
	}
	return r
}

// sitePointers goes through sites without copies.
func sitePointers(sites []engine.Site) iter.Seq[*engine.Site] {
	return func(yield func(*engine.Site) bool) {
		for i := range sites {
			if !yield(&sites[i]) {
				return
			}
		}
	}
}

// nothingText says why a request is for no site at all.
func (r request) nothingText(name func(host string, w int) string) (engine.Level, string) {
	others := slices.ContainsFunc(r.left, func(s undo.Skipped) bool { return s.Why != r.left[0].Why })
	switch {
	case r.pointless && len(r.left) == 1:
		return engine.Info, name(r.left[0].Host, nameWidth) + r.left[0].Why
	case r.pointless && !others:
		return engine.Info, "Each of the " + format.Plural(len(r.left), "marked site") + r.left[0].Why
	case len(r.left) == 1:
		return engine.Warning, "Could not " + verbWord(r.verb) + " " + name(r.left[0].Host, nameWidth) + r.left[0].Why
	}
	none := "Could not " + verbWord(r.verb) + " any of the " + format.Plural(len(r.left), "marked site") + ". "
	return engine.Warning, none + skippedText(r.left, name)
}

// leftOutText says what is left out of a request; empty if nothing is.
func leftOutText(left []undo.Skipped, name func(host string, w int) string) string {
	if len(left) == 0 {
		return ""
	}
	return "Left out: " + skippedText(left, name)
}
