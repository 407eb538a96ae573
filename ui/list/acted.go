package list

import (
	"slices"
	"time"

	"wtptui/engine"
)

const (
	// actedFor is how long after an action of the person's own a change of the site counts as its effect.
	actedFor = 5 * time.Second
	// flashFor is how long a row stands out that such an action has changed or moved.
	flashFor = 1500 * time.Millisecond
	// maxFlashing is how many sites an action may be about for their rows to stand out.
	maxFlashing = 20
)

// actedOn are the sites that the person has acted on of late. The zero value has none.
type actedOn struct {
	until    map[string]time.Time // by host, how long a change counts as the action's effect
	flashing map[string]time.Time // by host, how long its row stands out
}

// add takes the sites of an action.
func (o *actedOn) add(now time.Time, hosts []string) {
	if o.until == nil {
		o.until = map[string]time.Time{}
	}
	for _, host := range hosts {
		o.until[host] = now.Add(actedFor)
	}
}

// effectOn returns what reports whether an action has taken effect on a site between an older snapshot and the present
// one.
func (o *actedOn) effectOn(older []engine.Site, rows *arrangement) func(host string) bool {
	none := func(string) bool { return false }
	if len(o.until) == 0 {
		return none
	}
	o.expire(rows.now)
	changed := func(host string) bool {
		if o.until[host].IsZero() {
			return false
		}
		before, after := siteOf(older, host), rows.lookup(host)
		return before == nil || after == nil || decidedOtherwise(before, after)
	}
	if len(o.until) <= maxFlashing {
		for host := range o.until {
			if changed(host) {
				o.flash(host, rows.now)
			}
		}
	}
	return changed
}

// decidedOtherwise reports whether two states of a site differ in what a person decides.
func decidedOtherwise(a, b *engine.Site) bool {
	return a.Pinned != b.Pinned || a.State != b.State || !a.ExpiresAt.Equal(b.ExpiresAt) || a.Checking != b.Checking ||
		a.Flags != b.Flags || a.Enough != b.Enough || a.Resting != b.Resting || !slices.Equal(a.Labels, b.Labels) ||
		a.Held != b.Held || a.Infohash != b.Infohash || a.NextKey != b.NextKey
}

func (o *actedOn) flash(host string, now time.Time) {
	if o.flashing == nil {
		o.flashing = map[string]time.Time{}
	}
	o.flashing[host] = now.Add(flashFor)
}

// expire forgets what was long ago.
func (o *actedOn) expire(now time.Time) {
	for _, m := range []map[string]time.Time{o.until, o.flashing} {
		for host, until := range m {
			if !now.Before(until) {
				delete(m, host)
			}
		}
	}
}

// flashes reports whether the row of a site stands out.
func (o *actedOn) flashes(host string, now time.Time) bool { return now.Before(o.flashing[host]) }
