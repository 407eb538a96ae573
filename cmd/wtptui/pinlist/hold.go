package pinlist

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"wtptui/engine"
)

// Held is why what a followed list says now is held back: it unpins nothing until a person accepts it (see
// Order.Accept) or the list has changed. What it adds is pinned meanwhile, as far as the limits allow beside what is
// kept.
type Held struct {
	// Why says what is wrong, without a subject: "names no site and would unpin 3 of 3".
	Why string `json:"why"`
	// Unpins is how many of the Pins of the list would be unpinned.
	Unpins int `json:"unpins"`
	Pins   int `json:"pins"`
}

// Notice says that a list, by whatever name, is held back, why, and what to do; empty when it is not.
func (s State) Notice(list string) string {
	if s.Held == nil {
		return ""
	}
	accept := "`" + AcceptCommand(s.Order.Source) + "` if that is meant"
	return "held back: " + engine.Clean(list) + " " + s.Held.Why + ": " + accept
}

// AcceptCommand is what a person types to accept what a list says.
func AcceptCommand(source string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-+:@%,=", r) || r == filepath.Separator
	}
	if strings.ContainsFunc(source, func(r rune) bool { return !plain(r) }) {
		source = "'" + strings.ReplaceAll(source, "'", `'\''`) + "'"
	}
	return "wtptui pin --from " + engine.Clean(source) + " --accept"
}

// judge decides whether what was read may unpin what it does not name. One that names no site, that has lines that
// name none, or that would unpin more than half of the list's pins is held back: that is seldom meant. The decision
// stands as long as the list says the same, across restarts.
func (f *Follower) judge(l *following, w world) {
	s := &l.state
	if s.Order.Accept != "" && l.seen != s.Version {
		return // The source is changing, and may not say any more what was accepted.
	}
	reading := l.list.reading()
	accepted := s.Order.Accept == reading
	if !accepted {
		s.Order.Accept = "" // It may come back later, but is not accepted for ever.
	}
	if reading == s.Reading && s.Held == nil {
		return
	}
	pins, lost := f.losses(l, w)
	why := fmt.Sprintf("would unpin %d of %d", lost, pins)
	switch {
	case accepted, lost == 0, !s.Order.Follow:
		f.hold(l, nil)
	case reading == s.Reading:
	case l.namedSites() == 0:
		f.hold(l, &Held{"names no site and " + why, lost, pins})
	case l.list.Skipped > 0:
		f.hold(l, &Held{l.list.badLines() + " and " + why, lost, pins})
	case 2*lost > pins:
		f.hold(l, &Held{why, lost, pins})
	default:
		f.hold(l, nil)
	}
	s.Reading = reading
}

func (f *Follower) hold(l *following, held *Held) {
	s := &l.state
	switch {
	case held != nil:
		f.cfg.Log.Warn("pin list held back",
			"list", s.Order.Source, "why", "it "+held.Why, "accept", AcceptCommand(s.Order.Source))
	case s.Held != nil:
		f.cfg.Log.Info("pin list no longer held back", "list", s.Order.Source)
	}
	s.Held, s.Applied = held, false
}

// losses counts the sites that are pinned because of the list alone, and those of them that what was read would unpin.
// The limits of a new order are not the list's fault, and what a reading that is held back has pinned is not counted.
func (f *Follower) losses(l *following, w world) (pins, lost int) {
	keep := hostsOf(l.list.Entries)
	if !l.fresh && !l.isShared() { // What is shared is let go of for other reasons than the list's.
		keep = hostsOf(l.choose(w, nil))
	}
	source := l.state.Order.Source
	own := wtpHost(source)
	for host, mark := range l.state.Marks {
		if mark == Theirs || mark == Meanwhile || host == own || !w.sites[host].Pinned || f.otherList(source, host) != nil {
			continue
		}
		pins++
		if !keep[host] {
			lost++
		}
	}
	return pins, lost
}

// kept returns the sites that stay pinned whatever the list says; none unless it is held back.
func (l *following) kept() map[string]bool {
	kept := map[string]bool{}
	if l.state.Held == nil {
		return kept
	}
	for host, mark := range l.state.Marks {
		if mark != Meanwhile {
			kept[host] = true
		}
	}
	return kept
}

// ownMark is how a site is marked that the list pins now.
func (l *following) ownMark() Mark {
	if l.state.Held != nil {
		return Meanwhile
	}
	return Ours
}

// namedSites is how many sites the list names, without the one that it is a file of.
func (l *following) namedSites() int {
	n := len(l.list.Entries)
	if own := wtpHost(l.state.Order.Source); own != "" && hostsOf(l.list.Entries)[own] {
		n--
	}
	return n
}

// warn passes on what has gone wrong with the lists.
func (f *Follower) warn() {
	var warnings []string
	for _, l := range f.lists {
		switch {
		case l.state.Held != nil:
			warnings = append(warnings, l.state.Notice("pin list "+l.name))
		case l.state.Failures > 0:
			warnings = append(warnings, "pin list "+engine.Clean(l.name)+": "+l.state.Error)
		}
	}
	slices.Sort(warnings)
	if f.cfg.Warn != nil && !slices.Equal(warnings, f.warned) {
		f.cfg.Warn(warnings)
	}
	f.warned = warnings
}

// listName names a list for people, in few words.
func listName(source string, sites map[string]engine.Site) string {
	host := wtpHost(source)
	if host == "" {
		return filepath.Base(source)
	}
	name := host
	if title := sites[host].Title; title != "" {
		name = title
	}
	file, _, _ := strings.Cut(source, "?")
	return path.Base(file) + " of " + name
}

// reading names what the list says, however its file is written.
func (l *List) reading() string {
	sum := sha256.New()
	fmt.Fprintln(sum, l.Skipped)
	for _, e := range l.Entries {
		fmt.Fprintln(sum, e.Host)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

func (l *List) badLines() string {
	if l.Skipped == 1 {
		return fmt.Sprintf("names no site in line %d", l.Rubbish[0].Line)
	}
	return fmt.Sprintf("names no site in %d lines, the first is line %d,", l.Skipped, l.Rubbish[0].Line)
}
