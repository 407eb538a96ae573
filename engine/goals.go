package engine

import (
	"slices"
	"strconv"
	"time"
)

// Goals say for how long a complete site is seeded: until either is reached, if at least one other peer was seen to
// have all of the site. The last copy is always seeded.
type Goals struct {
	// Label is empty for the goals of all sites.
	Label string `json:"label,omitempty"`
	// Ratio is how many bytes are to be uploaded per byte of the site's size; 0 means that there is no such goal.
	Ratio float64 `json:"ratio"`
	// Time is for how many seconds the site is to be seeded, from when it was complete; 0 means that there is no such
	// goal.
	Time int64 `json:"time_seconds"`
}

// IsZero reports whether there is no goal.
func (g Goals) IsZero() bool { return g.Ratio == 0 && g.Time == 0 }

// GoalsForLabels returns the goals of a site with some labels: of those that its labels have, the furthest of each
// kind; those of all sites where no label has any.
func GoalsForLabels(all []Goals, labels []string) Goals {
	var general, own Goals
	for _, g := range all {
		switch {
		case g.Label == "":
			general = g
		case slices.Contains(labels, g.Label):
			own.Ratio, own.Time = max(own.Ratio, g.Ratio), max(own.Time, g.Time)
		}
	}
	if own.IsZero() {
		return general
	}
	return own
}

// DescribeReached says in a few words which goal a complete site has reached, with its ratio (see Site.Ratio) and the
// time since it was complete; empty if it has reached none.
func (g Goals) DescribeReached(ratio float64, seeded time.Duration) string {
	switch {
	case g.Ratio > 0 && ratio >= g.Ratio:
		return "the ratio of " + formatRatio(g.Ratio)
	case g.Time > 0 && seeded >= g.duration():
		return shortSpan(g.duration()) + " of seeding"
	}
	return ""
}

// String says the goals in a few words.
func (g Goals) String() string {
	ratio, span := "ratio "+formatRatio(g.Ratio), shortSpan(g.duration())
	switch {
	case g.IsZero():
		return "none"
	case g.Time == 0:
		return ratio
	case g.Ratio == 0:
		return span
	}
	return ratio + " or " + span
}

func (g Goals) duration() time.Duration { return time.Duration(g.Time) * time.Second }

func formatRatio(r float64) string { return strconv.FormatFloat(r, 'f', -1, 64) }

// shortSpan writes a length of time in days if it is whole days, and else as Go does without what is zero.
func shortSpan(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day && d%day == 0:
		return strconv.Itoa(int(d/day)) + "d"
	case d >= time.Hour && d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	case d >= time.Minute && d%time.Minute == 0:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	}
	return d.String()
}
