package list

import (
	"slices"
	"time"

	"wtptui/engine"
)

const (
	// effectPeriod is how long after an action of the person's own a change of the site counts as its effect.
	effectPeriod = 5 * time.Second
	// highlightPeriod is how long a row stands out that such an action has changed or moved.
	highlightPeriod = 1500 * time.Millisecond
	// maxHighlighted is the largest number of sites of an action whose rows stand out.
	maxHighlighted = 20
)

// actedOn are the sites that the person has recently acted on. The zero value has none.
type actedOn struct {
	effectUntil    map[string]time.Time // by host, how long a change counts as the action's effect
	highlightUntil map[string]time.Time // by host, how long its row stands out
}

// add adds the sites of an action.
func (o *actedOn) add(now time.Time, hosts []string) {
	if o.effectUntil == nil {
		o.effectUntil = map[string]time.Time{}
	}
	for _, host := range hosts {
		o.effectUntil[host] = now.Add(effectPeriod)
	}
}

// effectCheck returns a function that reports whether an action has taken effect on a site between an older snapshot
// and the present one.
func (o *actedOn) effectCheck(older []engine.Site, rows *arrangement) func(host string) bool {
	none := func(string) bool { return false }
	if len(o.effectUntil) == 0 {
		return none
	}
	o.expire(rows.now)
	changed := func(host string) bool {
		if o.effectUntil[host].IsZero() {
			return false
		}
		before, after := siteOf(older, host), rows.lookup(host)
		return before == nil || after == nil || choicesDiffer(before, after)
	}
	if len(o.effectUntil) <= maxHighlighted {
		for host := range o.effectUntil {
			if changed(host) {
				o.highlight(host, rows.now)
			}
		}
	}
	return changed
}

// choicesDiffer reports whether two states of a site differ in something that a person decides.
func choicesDiffer(a, b *engine.Site) bool {
	return a.Pinned != b.Pinned || a.State != b.State || !a.ExpiresAt.Equal(b.ExpiresAt) || a.Checking != b.Checking ||
		a.Flags != b.Flags || a.Enough != b.Enough || a.Resting != b.Resting || !slices.Equal(a.Labels, b.Labels) ||
		a.Held != b.Held || a.Infohash != b.Infohash || a.NextKey != b.NextKey
}

func (o *actedOn) highlight(host string, now time.Time) {
	if o.highlightUntil == nil {
		o.highlightUntil = map[string]time.Time{}
	}
	o.highlightUntil[host] = now.Add(highlightPeriod)
}

// expire removes what has expired.
func (o *actedOn) expire(now time.Time) {
	for _, m := range []map[string]time.Time{o.effectUntil, o.highlightUntil} {
		for host, until := range m {
			if !now.Before(until) {
				delete(m, host)
			}
		}
	}
}

// isHighlighted reports whether the row of a site stands out.
func (o *actedOn) isHighlighted(host string, now time.Time) bool {
	return now.Before(o.highlightUntil[host])
}
