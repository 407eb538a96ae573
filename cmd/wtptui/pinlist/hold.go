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

// Held is why the current reading of a followed list is held back: it unpins nothing until a person accepts it (see
// Order.Accept) or the list changes. New sites of the reading are pinned, as far as the limits allow in addition to
// the kept ones.
type Held struct {
	// Reason says what is wrong, without a subject: "names no site and would unpin 3 of 3".
	Reason string `json:"why"`
	// Unpins is how many of the Pins of the list would be unpinned.
	Unpins int `json:"unpins"`
	Pins   int `json:"pins"`
}

// Notice returns a message that a list is held back, why, and what to do; empty if it is not. list is the list's name.
func (s State) Notice(list string) string {
	if s.Held == nil {
		return ""
	}
	accept := "`" + AcceptCommand(s.Order.Source) + "` if that is meant"
	return "held back: " + engine.Clean(list) + " " + s.Held.Reason + ": " + accept
}

// AcceptCommand returns the command that accepts the current reading of a list.
func AcceptCommand(source string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-+:@%,=", r) || r == filepath.Separator
	}
	if strings.ContainsFunc(source, func(r rune) bool { return !plain(r) }) {
		source = "'" + strings.ReplaceAll(source, "'", `'\''`) + "'"
	}
	return "wtptui pin --from " + engine.Clean(source) + " --accept"
}

// reviewReading decides whether the current reading may unpin what it does not name. A reading that names no site,
// that has bad lines and unpins something, or that would unpin more than half of the list's pins is held back: it is
// probably an accident. The decision holds as long as the reading is the same, across restarts.
func (f *Follower) reviewReading(l *followedList, st engineState) {
	s := &l.state
	if s.Order.Accept != "" && l.lastVersion != s.Version {
		return // The source is changing, and may not contain any more what was accepted.
	}
	reading := l.contents.fingerprint()
	accepted := s.Order.Accept == reading
	if !accepted {
		s.Order.Accept = "" // The same reading may come back later, but is not accepted for ever.
	}
	if reading == s.Reading && s.Held == nil {
		return
	}
	pins, lost := f.countLosses(l, st)
	why := fmt.Sprintf("would unpin %d of %d", lost, pins)
	switch {
	case accepted, lost == 0, !s.Order.Follow:
		f.setHeld(l, nil)
	case reading == s.Reading:
	case l.countNamedSites() == 0:
		f.setHeld(l, &Held{"names no site and " + why, lost, pins})
	case l.contents.Skipped > 0:
		f.setHeld(l, &Held{l.contents.badLinesText() + " and " + why, lost, pins})
	case 2*lost > pins:
		f.setHeld(l, &Held{why, lost, pins})
	default:
		f.setHeld(l, nil)
	}
	s.Reading = reading
}

func (f *Follower) setHeld(l *followedList, held *Held) {
	s := &l.state
	switch {
	case held != nil:
		f.cfg.Log.Warn("pin list held back",
			"list", s.Order.Source, "why", "it "+held.Reason, "accept", AcceptCommand(s.Order.Source))
	case s.Held != nil:
		f.cfg.Log.Info("pin list no longer held back", "list", s.Order.Source)
	}
	s.Held, s.Applied = held, false
}

// countLosses counts the sites that are pinned only because of the list, and those of them that the current reading
// would unpin. Sites that the limits of a new order exclude are no losses. Pins of a reading that is held back do not
// count.
func (f *Follower) countLosses(l *followedList, st engineState) (pins, losses int) {
	keep := hostSet(l.contents.Entries)
	if !l.isNewOrder && !l.isShared() { // Shared lists release sites for other reasons.
		keep = hostSet(l.chooseWithinLimits(st, nil))
	}
	source := l.state.Order.Source
	own := wtpHost(source)
	for host, mark := range l.state.Marks {
		if mark == Theirs || mark == Meanwhile || host == own || !st.sites[host].Pinned || f.otherList(source, host) != nil {
			continue
		}
		pins++
		if !keep[host] {
			losses++
		}
	}
	return pins, losses
}

// heldPins returns the sites that stay pinned whatever the list contains; none unless the reading is held back.
func (l *followedList) heldPins() map[string]bool {
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

// pinMark returns the mark of a site that the list pins now.
func (l *followedList) pinMark() Mark {
	if l.state.Held != nil {
		return Meanwhile
	}
	return Ours
}

// countNamedSites returns how many sites the list names, except the one that the list is a file of.
func (l *followedList) countNamedSites() int {
	n := len(l.contents.Entries)
	if own := wtpHost(l.state.Order.Source); own != "" && hostSet(l.contents.Entries)[own] {
		n--
	}
	return n
}

// reportWarnings passes problems with the lists to Config.Warn, if they have changed.
func (f *Follower) reportWarnings() {
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
	if f.cfg.Warn != nil && !slices.Equal(warnings, f.lastWarnings) {
		f.cfg.Warn(warnings)
	}
	f.lastWarnings = warnings
}

// listName returns a short name of a list, for people.
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

// fingerprint identifies the sites of the list, independent of how its file is written.
func (l *List) fingerprint() string {
	sum := sha256.New()
	fmt.Fprintln(sum, l.Skipped)
	for _, e := range l.Entries {
		fmt.Fprintln(sum, e.Host)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

func (l *List) badLinesText() string {
	if l.Skipped == 1 {
		return fmt.Sprintf("names no site in line %d", l.BadLines[0].Line)
	}
	return fmt.Sprintf("names no site in %d lines, the first is line %d,", l.Skipped, l.BadLines[0].Line)
}
