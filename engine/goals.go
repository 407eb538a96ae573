package engine

import (
	"slices"
	"strconv"
	"time"
)

// Goals limit for how long a complete site is seeded: until one of them is reached, if at least one other peer was seen
// to be complete. The last copy is always seeded.
type Goals struct {
	// Label is empty for the goals of all sites.
	Label string `json:"label,omitempty"`
	// Ratio is how many bytes to upload per byte of the site's size; 0 for no such goal.
	Ratio float64 `json:"ratio"`
	// Time is for how many seconds to seed the site after it was complete; 0 for no such goal.
	Time int64 `json:"time_seconds"`
}

// IsZero reports whether there are no goals.
func (g Goals) IsZero() bool { return g.Ratio == 0 && g.Time == 0 }

// GoalsForLabels returns the goals of a site with these labels: of the goals of its labels, the largest of each kind;
// if its labels have none, those of all sites.
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

// DescribeReached describes the goal that a complete site has reached, given its ratio (see Site.Ratio) and the time
// since it was complete; empty if it has reached none.
func (g Goals) DescribeReached(ratio float64, seeded time.Duration) string {
	switch {
	case g.Ratio > 0 && ratio >= g.Ratio:
		return "the ratio of " + formatRatio(g.Ratio)
	case g.Time > 0 && seeded >= g.duration():
		return formatDuration(g.duration()) + " of seeding"
	}
	return ""
}

// String returns the goals in a few words.
func (g Goals) String() string {
	ratio, span := "ratio "+formatRatio(g.Ratio), formatDuration(g.duration())
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

// formatDuration formats a duration in whole days, hours or minutes if possible, otherwise as time.Duration.String
// does.
func formatDuration(d time.Duration) string {
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
