package engine

import (
	"fmt"
	"strings"
	"time"
)

// LimitUnchanged as a limit of a schedule means that the schedule does not change it.
const LimitUnchanged = -1

// Schedule changes the limits over all sites at some hours of some days.
type Schedule struct {
	// Name is the one that a person gave it.
	Name string
	// Days are the days on which it begins, by time.Weekday. If none is set it begins every day.
	Days [7]bool
	// From and To are times of the day on the wall clock since midnight: less than 24 hours. If To is before From, it is
	// on the next day. If both are equal, the schedule lasts a whole day.
	From, To time.Duration
	// Down and Up are bytes of content per second; 0 means unlimited, and LimitUnchanged leaves the limit as it is.
	Down, Up int64
	// Paused reports whether no site is in its swarm.
	Paused bool
}

// Schedules are the schedules that a person has set. An earlier one has priority.
type Schedules []Schedule

// Check returns an error, with a message that says what to do, if the schedule is not valid.
func (s Schedule) Check() error {
	const day = 24 * time.Hour
	refuse := func(format string, args ...any) error {
		return &Error{Op: "schedules", Kind: Invalid, Msg: fmt.Sprintf(format, args...)}
	}
	switch {
	case s.From < 0 || s.From >= day || s.To < 0 || s.To >= day:
		return refuse("a time of the day is from 00:00 to 23:59")
	case s.Down < LimitUnchanged || s.Up < LimitUnchanged:
		return refuse("a limit is a number of bytes per second")
	case !s.Paused && s.Down == LimitUnchanged && s.Up == LimitUnchanged:
		return refuse("the schedule changes nothing: give it down, up or paused")
	case s.Paused && (s.Down != LimitUnchanged || s.Up != LimitUnchanged):
		return refuse("nothing is sent or fetched while all is paused: leave down and up out, or paused")
	}
	return nil
}

// beginsOn reports whether the schedule begins on a day of the week.
func (s Schedule) beginsOn(d time.Weekday) bool { return s.Days == [7]bool{} || s.Days[d] }

// span returns the period of the schedule that begins on the day of t, in t's zone. A time that a change of the clocks
// skips is interpreted as by time.Date.
func (s Schedule) span(t time.Time) (from, to time.Time) {
	at := func(days int, d time.Duration) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, int(d/time.Second), 0, t.Location())
	}
	days := 0
	if s.To <= s.From {
		days = 1
	}
	return at(0, s.From), at(days, s.To)
}

// isActive reports whether the schedule is in effect at a time, whose zone is the person's.
func (s Schedule) isActive(t time.Time) bool {
	for days := range 2 { // what began yesterday may last
		day := time.Date(t.Year(), t.Month(), t.Day()-days, 12, 0, 0, 0, t.Location())
		if !s.beginsOn(day.Weekday()) {
			continue
		}
		if from, to := s.span(day); !t.Before(from) && t.Before(to) {
			return true
		}
	}
	return false
}

// activeIndex returns the index of the first schedule that is in effect; -1 if none is.
func (all Schedules) activeIndex(t time.Time) int {
	for i, s := range all {
		if s.isActive(t) {
			return i
		}
	}
	return -1
}

// At returns the schedule that is in effect at a time, whose zone is the person's, and whether there is one. until is
// when that changes; zero if it never does.
func (all Schedules) At(now time.Time) (s Schedule, until time.Time, holds bool) {
	const ahead = 8 // days, after which all repeats
	i := all.activeIndex(now)
	for days := -1; days <= ahead; days++ {
		day := time.Date(now.Year(), now.Month(), now.Day()+days, 12, 0, 0, 0, now.Location())
		for _, other := range all {
			from, to := other.span(day)
			for _, t := range []time.Time{from, to} {
				if t.After(now) && (until.IsZero() || t.Before(until)) && all.activeIndex(t) != i {
					until = t
				}
			}
		}
	}
	if i < 0 {
		return Schedule{}, until, false
	}
	return all[i], until, true
}

// Scheduled says which schedule holds. Its zero value is that none does.
type Scheduled struct {
	// Name is the schedule's; empty while none holds.
	Name string `json:"name"`
	// Until is when that ends, or while none holds, when one begins next; zero (null) if it never does. Next is the name
	// of the schedule that holds then; empty if none does.
	Until Time   `json:"until"`
	Next  string `json:"next"`
	// Down and Up say that the schedule decides about that limit now; a person may have changed it since it began.
	Down bool `json:"down"`
	Up   bool `json:"up"`
	// Paused reports whether the schedule keeps all sites out of their swarms.
	Paused bool `json:"paused"`
	// Usual are the limits over all sites that hold when no schedule does.
	Usual Limits `json:"usual"`
}

// weekdays are the names of days in schedules, by time.Weekday.
var weekdays = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseDays parses days of the week: English names of three letters ("sat"), and ranges of them ("mon-fri").
func ParseDays(texts []string) (days [7]bool, err error) {
	number := func(name string) int {
		for d, n := range weekdays {
			if strings.EqualFold(n, strings.TrimSpace(name)) {
				return d
			}
		}
		return -1
	}
	for _, text := range texts {
		first, last, isRange := strings.Cut(text, "-")
		if !isRange {
			last = first
		}
		from, to := number(first), number(last)
		if from < 0 || to < 0 {
			return days, &Error{
				Op: "schedules", Kind: Invalid,
				Msg: fmt.Sprintf(`%q is not a day: give mon, tue, wed, thu, fri, sat, sun, or a range like mon-fri`, text),
			}
		}
		for d := from; ; d = (d + 1) % len(weekdays) {
			days[d] = true
			if d == to {
				break
			}
		}
	}
	return days, nil
}

// DayNames returns the names of days in the form that ParseDays accepts, from Monday on.
func DayNames(days [7]bool) (names []string) {
	for i := range days {
		if d := (i + int(time.Monday)) % len(days); days[d] {
			names = append(names, weekdays[d])
		}
	}
	return names
}
