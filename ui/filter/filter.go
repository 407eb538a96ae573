package filter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/theme"
)

// Filter matches sites. The zero Filter matches all.
type Filter struct {
	terms []term
	// Problem is what is wrong with the text, or still missing; empty when nothing is.
	Problem string
}

// term is one condition. A site must fulfil all of a filter's.
type term struct {
	negated bool
	matches func(*engine.Site, Moment) bool
}

// Match reports whether a site matches at a time.
func (f Filter) Match(s *engine.Site, at Moment) bool {
	for _, t := range f.terms {
		if t.matches(s, at) == t.negated {
			return false
		}
	}
	return true
}

// Parse reads a filter: terms parted by blanks, of which each is
//
//	word or "two words"   host, title or infohash contains it, in any case
//	host:x title:x error:x hash:x   this field contains it
//	machine:x machine=x   in a fleet, its machine's name begins with this, or is this
//	state:load            the state, as the table writes it or as `wtptui ls --json` does; state:rest for one that rests
//	label:x label=x       it has a label that begins with this, or is this
//	is:pinned             one of pinned, cached, mine, used, held, moving, resting, endangered, last (the last copy)
//	copies:unknown        nobody could tell how many copies there are elsewhere
//	peers>3 size<=10MB left<5m done<100%   numbers, see field
//	!term                 the opposite
//
// A wtp URL stands for its host.
func Parse(text string) Filter {
	var f Filter
	for _, word := range splitWords(text) {
		negated := strings.HasPrefix(word, "!")
		word = strings.TrimPrefix(word, "!")
		if word == "" {
			continue // not yet typed
		}
		matches, err := parseTerm(word)
		if err != nil {
			f.Problem = err.Error()
		}
		if matches != nil {
			f.terms = append(f.terms, term{negated, matches})
		}
	}
	return f
}

// splitWords splits at blanks that are not within quotes; an open quote ends with the text.
func splitWords(text string) []string {
	var out []string
	var word strings.Builder
	quoted, begun := false, false
	end := func() {
		if begun {
			out = append(out, word.String())
		}
		word.Reset()
		begun = false
	}
	for _, r := range text {
		switch {
		case r == '"':
			quoted, begun = !quoted, true
		case unicode.IsSpace(r) && !quoted:
			end()
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	end()
	return out
}

func parseTerm(word string) (func(*engine.Site, Moment) bool, error) {
	if strings.Contains(word, "://") {
		if a, err := engine.ParseAddress(word); err == nil && a.Host != "" {
			return contains(a.Host), nil
		}
		return contains(word), nil
	}
	if label, ok := strings.CutPrefix(strings.ToLower(word), "label="); ok && label != "" {
		return func(s *engine.Site, _ Moment) bool { return slices.Contains(s.Labels, label) }, nil
	}
	if machine, ok := strings.CutPrefix(strings.ToLower(word), "machine="); ok {
		return func(s *engine.Site, _ Moment) bool { return strings.ToLower(s.Machine) == machine || machine == "" }, nil
	}
	if i := strings.IndexAny(word, "<>="); i > 0 {
		return parseComparison(word[:i], word[i:])
	}
	name, value, ok := strings.Cut(word, ":")
	if !ok {
		return contains(word), nil
	}
	value = strings.ToLower(value)
	get, isText := textFields[strings.ToLower(name)]
	switch {
	case name == "state":
		return parseState(value)
	case name == "is":
		return parseFlag(value)
	case name == "copies":
		return parseCopies(value)
	case name == "label" && value != "":
		return func(s *engine.Site, _ Moment) bool {
			return slices.ContainsFunc(s.Labels, func(l string) bool { return strings.HasPrefix(l, value) })
		}, nil
	case name == "machine" && value != "":
		return func(s *engine.Site, _ Moment) bool { return strings.HasPrefix(strings.ToLower(s.Machine), value) }, nil
	case name == "label", name == "machine":
		return nil, nil
	case !isText:
		return nil, fmt.Errorf("there is no field %s: "+
			"try host:, title:, label:, machine:, state:, is:, error: or hash: instead", name)
	case value == "":
		return nil, nil
	}
	return func(s *engine.Site, _ Moment) bool { return strings.Contains(strings.ToLower(get(s)), value) }, nil
}

// contains returns a match for the text in host, infohash or title.
func contains(text string) func(*engine.Site, Moment) bool {
	text = strings.ToLower(text)
	return func(s *engine.Site, _ Moment) bool {
		return strings.Contains(s.Host, text) || strings.Contains(s.Infohash, text) ||
			strings.Contains(strings.ToLower(s.Title), text)
	}
}

// textFields are the fields of which a part can be given.
var textFields = map[string]func(*engine.Site) string{
	"host":  func(s *engine.Site) string { return s.Host },
	"title": func(s *engine.Site) string { return s.Title },
	"error": func(s *engine.Site) string { return s.Error },
	"hash":  func(s *engine.Site) string { return s.Infohash },
}

// stateWords are the words for states besides those that the table shows.
var stateWords = []string{
	string(engine.Resolving), string(engine.Metadata), string(engine.Downloading), string(engine.Seeding),
	string(engine.Paused),
	string(engine.Found), string(engine.Failed), "disk", "find", "load",
	"verif", "halt", "cache", "pin", "mine", "resting", "away",
}

func parseState(value string) (func(*engine.Site, Moment) bool, error) {
	if value == "" {
		return nil, nil
	}
	known := false
	for _, s := range stateWords {
		known = known || strings.HasPrefix(s, value)
	}
	if !known {
		return nil, fmt.Errorf("there is no state %s: try load, cache, pin, mine, rest, halt, found, find or error", value)
	}
	var plain theme.Theme
	begins := func(word string) bool { return strings.HasPrefix(strings.ToLower(word), value) }
	return func(s *engine.Site, _ Moment) bool {
		return begins(string(s.State)) || s.Resting && begins("resting") || begins(badge.ForSite(*s, &plain).Word)
	}, nil
}

// parseCopies returns a match for sites whose number of copies is unknown.
func parseCopies(value string) (func(*engine.Site, Moment) bool, error) {
	const unknown = "unknown"
	switch {
	case value == unknown:
		return func(s *engine.Site, _ Moment) bool { return s.Copies < 0 }, nil
	case strings.HasPrefix(unknown, value):
		return nil, nil // not yet typed
	}
	return nil, errors.New("copies are compared: try copies<2, copies=0 or copies:unknown")
}

// flags are the properties that a site has or has not.
var flags = map[string]func(*engine.Site) bool{
	"pinned":     func(s *engine.Site) bool { return s.Pinned },
	"cached":     func(s *engine.Site) bool { return !s.Pinned && s.State != engine.Found },
	"mine":       func(s *engine.Site) bool { return s.Mine },
	"used":       func(s *engine.Site) bool { return s.InUse },
	"away":       func(s *engine.Site) bool { return s.Away },
	"held":       func(s *engine.Site) bool { return s.Held },
	"resting":    func(s *engine.Site) bool { return s.Resting },
	"endangered": func(s *engine.Site) bool { return s.IsEndangered() },
	"last":       func(s *engine.Site) bool { return s.IsLastCopy() },
	"moving":     func(s *engine.Site) bool { return s.DownRate > 0 || s.UpRate > 0 },
}

func parseFlag(value string) (func(*engine.Site, Moment) bool, error) {
	isSet, ok := flags[value]
	if !ok {
		for name := range flags {
			if strings.HasPrefix(name, value) {
				return nil, nil // not yet typed
			}
		}
		return nil, fmt.Errorf("there is no is:%s: try pinned, cached, mine, used, held, moving, resting, endangered or last",
			value)
	}
	return func(s *engine.Site, _ Moment) bool { return isSet(s) }, nil
}
