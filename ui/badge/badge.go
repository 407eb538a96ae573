package badge

import (
	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// Badge is a state as it is shown.
type Badge struct {
	Glyph string // one cell; none in ASCII, where it would be a letter without a sense
	Word  string // five letters at most; its first letter is enough to tell states apart
	Style theme.Style
}

// ForSite returns the badge of a site.
func ForSite(s engine.Site, th *theme.Theme) Badge {
	b := stateBadge(s, th)
	if th.ASCII {
		b.Glyph = ""
	}
	return b
}

func stateBadge(s engine.Site, th *theme.Theme) Badge {
	switch {
	case s.Away:
		return Badge{"○", "AWAY", th.Warn}
	case s.State == engine.Failed:
		return Badge{"✗", "ERROR", th.Bad}
	case s.State == engine.Found:
		return Badge{"◇", "DISK", th.Warn}
	case s.State == engine.Paused:
		return Badge{"‖", "HALT", th.Dim}
	case s.State == engine.Resolving:
		return Badge{"?", "FIND", th.Progress}
	case s.Checking:
		return Badge{"⟳", "VERIF", th.Progress}
	case s.State != engine.Seeding:
		return Badge{"↓", "LOAD", th.Progress}
	case s.Resting:
		return Badge{"◌", "REST", th.Dim}
	case s.Mine:
		return Badge{"⌂", "MINE", th.Mine}
	case s.Pinned:
		return Badge{"★", "PIN", th.Pinned}
	}
	return Badge{"◷", "CACHE", th.Good}
}

// Text returns glyph and word.
func (b Badge) Text() string { return b.withGlyph(b.Word) }

// Short returns glyph and first letter.
func (b Badge) Short() string { return b.withGlyph(b.Word[:1]) }

func (b Badge) withGlyph(word string) string {
	if b.Glyph == "" {
		return word
	}
	return b.Glyph + " " + word
}

// Problem returns what a site lacks, in the words of the engine, and whether that is an error; empty when it lacks
// nothing.
func Problem(s engine.Site) (text string, bad bool) {
	switch {
	case s.Error != "":
		return s.Error, true
	case s.Awaiting != "" && (s.State != engine.Seeding || s.Checking):
		return s.Awaiting, false
	}
	return "", false
}

// ProblemInSentence returns Problem as a part of a sentence: "waiting for peers".
func ProblemInSentence(s engine.Site) (text string, bad bool) {
	text, bad = Problem(s)
	switch {
	case bad, text == "", text == engine.FoundAwaiting, s.State == engine.Paused:
		return text, bad
	}
	return "waiting for " + text, false
}

// MissingParts returns what the page that was served last lacks; empty when it lacks nothing.
func MissingParts(s engine.Site) string {
	if s.MissingParts == 0 {
		return ""
	}
	return format.Plural(s.MissingParts, "part") + " missing: reload"
}

// FoundChoices returns what a found site is, and which keys decide what becomes of it; empty for every other site.
func FoundChoices(s engine.Site, km *keys.Map) string {
	if s.State != engine.Found {
		return ""
	}
	return "Found in the data folder, and neither served nor in the swarm until you decide: " +
		km.FirstKey(keys.Pause) + " resumes it, " +
		km.FirstKey(keys.Pin) + " pins it, " +
		km.FirstKey(keys.Verify) + " checks how much is there, " +
		km.FirstKey(keys.Remove) + " removes it."
}
