package sites

import (
	"slices"
	"strings"
	"time"

	"wtptui/engine"
)

// timetable lets schedules change the limits over all sites, and pause all, at their hours.
type scheduler struct {
	cfg      *Config
	events   *eventLog
	rates    *rates
	torrents *torrents

	// now is what holds; looked is when that was found out, and next when it changes, both zero if it is not known.
	inForce               engine.Scheduled
	updatedAt, nextChange time.Time
}

// set puts other schedules in the place of those that there are.
func (tt *scheduler) setSchedules(all engine.Schedules, now time.Time) {
	if slices.Equal(all, tt.cfg.Schedules) {
		return // What a person has changed since one began stays.
	}
	tt.cfg.Schedules, tt.updatedAt = all, time.Time{}
	tt.update(now)
}

// pass lets time pass. A clock that is set back, and one that has stood still while the machine slept, change what
// holds as well.
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

// tell records that another schedule holds than did before.
func (tt *scheduler) recordChange(was string, s engine.Schedule, holds bool) {
	switch {
	case holds && s.Name != was:
		tt.events.record(nil, engine.Info, engine.Noticed, "schedule "+s.Name+": "+tt.describeEffects(s))
	case !holds && was != "":
		tt.events.record(nil, engine.Info, engine.Noticed, "schedule "+was+" has ended: the usual limits hold")
	}
}

// effects says in a few words what a schedule does, and until when.
func (tt *scheduler) describeEffects(s engine.Schedule) string {
	var all []string
	for _, l := range []struct {
		name string
		most int64
	}{{"down", s.Down}, {"up", s.Up}} {
		switch {
		case l.most > 0:
			all = append(all, l.name+" at most "+engine.Bytes(l.most)+"/s")
		case l.most == 0:
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

// view is what watchers see of it.
func (tt *scheduler) view() engine.Scheduled {
	v := tt.inForce
	v.Down, v.Up, v.Usual = tt.rates.scheduled.downOn, tt.rates.scheduled.upOn, tt.rates.usual
	return v
}
