package engine

import (
	"fmt"
	"strings"
	"time"
)

// LimitUnchanged in the place of a limit says that a schedule leaves it as it is.
const LimitUnchanged = -1

// Schedule changes the limits over all sites at some hours of some days.
type Schedule struct {
	// Name is the one that a person gave it.
	Name string
	// Days are those on which it begins, by time.Weekday; with none of them it begins on every day.
	Days [7]bool
	// From and To are times of the day, as time has passed by the clock on the wall since midnight: less than 24 hours.
	// Where To is not after From it is that of the next day; where both are equal the schedule holds for a whole day.
	From, To time.Duration
	// Down and Up are bytes of content per second; 0 means unlimited, and LimitUnchanged that the schedule does not say.
	Down, Up int64
	// Paused reports whether no site is in its swarm.
	Paused bool
}

// Schedules are those that a person has set, the one that counts most first.
type Schedules []Schedule

// Check returns an error that says what to do if the schedule cannot be meant.
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

// span returns from when until when the schedule holds that begins on the day of t, in t's zone. Where clocks are
// changed a time that is not there is taken as time.Date takes it.
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

// holds reports whether the schedule holds at a time, whose zone is the person's.
func (s Schedule) holds(t time.Time) bool {
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

// first returns the place of the first schedule that holds; -1 if none does.
func (all Schedules) first(t time.Time) int {
	for i, s := range all {
		if s.holds(t) {
			return i
		}
	}
	return -1
}

// At returns the schedule that holds at a time, whose zone is the person's, and whether there is one; and when that
// changes next, zero if it never does.
func (all Schedules) At(now time.Time) (s Schedule, until time.Time, holds bool) {
	const ahead = 8 // days, after which all repeats
	i := all.first(now)
	for days := -1; days <= ahead; days++ {
		day := time.Date(now.Year(), now.Month(), now.Day()+days, 12, 0, 0, 0, now.Location())
		for _, other := range all {
			from, to := other.span(day)
			for _, t := range []time.Time{from, to} {
				if t.After(now) && (until.IsZero() || t.Before(until)) && all.first(t) != i {
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

// ParseDays reads days of the week: names of three letters in English ("sat"), and ranges of them ("mon-fri").
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
				Msg: fmt.Sprintf(`%q is no day: give mon, tue, wed, thu, fri, sat, sun, or a range like mon-fri`, text),
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

// DayNames are the names of days as ParseDays reads them, from Monday on.
func DayNames(days [7]bool) (names []string) {
	for i := range days {
		if d := (i + int(time.Monday)) % len(days); days[d] {
			names = append(names, weekdays[d])
		}
	}
	return names
}
