package main

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"wtptui/engine"
)

// The fields of a table [schedules.NAME].
const (
	daysField   = "days"
	fromField   = "from"
	toField     = "to"
	pausedField = "paused"
)

// loadSchedules sets the schedules from config.toml, and records their origins.
func (s *ruleSettings) loadSchedules(config configFile, origins map[string]origin, note recorderFor) error {
	for _, t := range config.schedules {
		if engine.Clean(t.name) != t.name || len([]rune(t.name)) > maxScheduleName || t.name == "" {
			return config.errorAt(t.line, "the name of a schedule is 1 to %d characters, without control characters",
				maxScheduleName)
		}
		sched := engine.Schedule{Name: t.name, Down: engine.LimitUnchanged, Up: engine.LimitUnchanged}
		for _, e := range t.entries {
			if err := setScheduleField(&sched, e, note); err != nil {
				return config.errorAt(e.line, "%s: %s", e.name, engine.Message(err))
			}
		}
		if err := sched.Check(); err != nil {
			return config.errorAt(t.line, "[schedules.%s]: %s", t.name, engine.Message(err))
		}
		s.Schedules = append(s.Schedules, sched)
		origins[schedulesTable+"."+t.name] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, t.line)}
	}
	return nil
}

// maxScheduleName is the longest name of a schedule, in characters: it is shown in the dashboard's first line.
const maxScheduleName = 24

// setScheduleField sets the field of a schedule that the entry names.
func setScheduleField(sched *engine.Schedule, e configEntry, note recorderFor) (err error) {
	rate := func(to *int64) error {
		return setValue(rateValue{to, note(schedulesTable + "." + sched.Name + "." + e.name)}, e.values)
	}
	switch e.name {
	case daysField:
		sched.Days, err = engine.ParseDays(e.values)
	case fromField:
		err = setValue(hourValue{&sched.From}, e.values)
	case toField:
		err = setValue(hourValue{&sched.To}, e.values)
	case downField:
		err = rate(&sched.Down)
	case upField:
		err = rate(&sched.Up)
	case pausedField:
		err = setValue(boolValue{&sched.Paused}, e.values)
	}
	return err
}

// listSchedules returns the schedules in the form of `wtptui config show`.
func (s *ruleSettings) listSchedules(origins map[string]origin) (shown []shownSetting) {
	for _, sched := range s.Schedules {
		table := schedulesTable + "." + sched.Name
		add := func(field string, value any) {
			shown = append(shown, shownSetting{table + "." + field, value, fromFile, origins[table].where})
		}
		add(daysField, append([]string{}, engine.DayNames(sched.Days)...))
		add(fromField, hourValue{&sched.From}.String())
		add(toField, hourValue{&sched.To}.String())
		if sched.Down != engine.LimitUnchanged {
			add(downField, rateValue{to: &sched.Down}.String())
		}
		if sched.Up != engine.LimitUnchanged {
			add(upField, rateValue{to: &sched.Up}.String())
		}
		if sched.Paused {
			add(pausedField, true)
		}
	}
	return shown
}

// hourValue is a time of the day, as the time since midnight.
type hourValue struct{ to *time.Duration }

func (v hourValue) String() string {
	d := valueOrZero(v.to)
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}
func (v hourValue) Type() string { return "time" }

func (v hourValue) Set(s string) error {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return fmt.Errorf("%q is not a time of the day: give one like 07:30 or 22:00", s)
	}
	*v.to = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	return nil
}

// ratioValue is the ratio of uploaded bytes to the size of a site; 0 means none.
type ratioValue struct{ to *float64 }

func (v ratioValue) String() string { return strconv.FormatFloat(valueOrZero(v.to), 'f', -1, 64) }
func (v ratioValue) Type() string   { return "ratio" }

func (v ratioValue) Set(s string) error {
	const maxRatio = 10_000
	r, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(r) || r < 0 || r > maxRatio {
		return fmt.Errorf("%q is not a ratio: give a number like 2 or 1.5, or 0 for none", s)
	}
	*v.to = r
	return nil
}
