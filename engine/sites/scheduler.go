package sites

import (
	"slices"
	"strings"
	"time"

	"wtptui/engine"
)

// scheduler applies schedules, which change the limits over all sites, or pause all sites, at certain hours.
type scheduler struct {
	cfg      *Config
	events   *eventLog
	rates    *rates
	torrents *torrents

	// inForce is the schedule that holds. updatedAt is when that was determined, and nextChange when it changes, both
	// zero if unknown.
	inForce               engine.Scheduled
	updatedAt, nextChange time.Time
}

// setSchedules replaces the schedules.
func (tt *scheduler) setSchedules(all engine.Schedules, now time.Time) {
	if slices.Equal(all, tt.cfg.Schedules) {
		return // Limits that a person has changed since a schedule began stay.
	}
	tt.cfg.Schedules, tt.updatedAt = all, time.Time{}
	tt.update(now)
}

// update applies the schedule that is in force now. It also notices when the clock is set back, or has stood still
// while the machine slept.
func (tt *scheduler) update(now time.Time) {
	if !tt.updatedAt.IsZero() && !now.Before(tt.updatedAt) && (tt.nextChange.IsZero() || now.Before(tt.nextChange)) {
		return
	}
	tt.updatedAt = now
	if zone := tt.cfg.Location; zone != nil {
		now = now.In(zone)
	}
	s, until, holds := tt.cfg.Schedules.At(now)
	tt.nextChange = until
	was := tt.inForce
	tt.inForce = engine.Scheduled{Name: s.Name, Until: engine.At(until), Paused: s.Paused}
	if !until.IsZero() {
		next, _, _ := tt.cfg.Schedules.At(until)
		tt.inForce.Next = next.Name
	}
	limits := scheduledLimits{}
	if holds {
		limits = limitsFrom(s)
	}
	if limits != tt.rates.scheduled {
		tt.rates.setScheduled(limits)
	}
	if tt.torrents.allPaused != s.Paused {
		tt.torrents.allPaused = s.Paused
		tt.torrents.reconcileAll()
	}
	tt.events.changed = true
	tt.recordChange(was.Name, s, holds)
}

// recordChange records that another schedule is in force.
func (tt *scheduler) recordChange(was string, s engine.Schedule, holds bool) {
	switch {
	case holds && s.Name != was:
		tt.events.record(nil, engine.Info, engine.Noticed, "schedule "+s.Name+": "+tt.describeEffects(s))
	case !holds && was != "":
		tt.events.record(nil, engine.Info, engine.Noticed, "schedule "+was+" has ended: the usual limits hold")
	}
}

// describeEffects returns what a schedule does, and until when, as text.
func (tt *scheduler) describeEffects(s engine.Schedule) string {
	var all []string
	for _, l := range []struct {
		name  string
		limit int64
	}{{"down", s.Down}, {"up", s.Up}} {
		switch {
		case l.limit > 0:
			all = append(all, l.name+" at most "+engine.Bytes(l.limit)+"/s")
		case l.limit == 0:
			all = append(all, l.name+" without a limit")
		}
	}
	if s.Paused {
		all = append(all, "all sites are paused")
	}
	if !tt.nextChange.IsZero() {
		all = append(all, "until "+tt.nextChange.Format("Mon 15:04"))
	}
	return strings.Join(all, ", ")
}

// view returns the schedule in force as watchers see it.
func (tt *scheduler) view() engine.Scheduled {
	v := tt.inForce
	v.Down, v.Up, v.Usual = tt.rates.scheduled.downOn, tt.rates.scheduled.upOn, tt.rates.usual
	return v
}
