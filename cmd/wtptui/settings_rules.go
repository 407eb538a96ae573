package main

import (
	"fmt"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/sites"
)

// ruleSettings are the settings that a running engine applies when they are read again.
type ruleSettings struct {
	MaxSiteSize int64 // bytes; 0 means no limit
	CacheSize   int64 // bytes; 0 means no limit
	UpLimit     int64 // bytes per second; 0 means unlimited
	DownLimit   int64
	// SeedRatio and SeedTime are the goals for all sites; 0 means none.
	SeedRatio float64
	SeedTime  time.Duration
	// MaxConns is the number of connections to peers over all sites, and MaxConnsEach that for one site. MaxConns 0 means
	// what the limit on open files allows.
	MaxConns     int
	MaxConnsEach int
	// LabelLimits and LabelGoals are the limits and goals of labels, from the tables [labels.NAME] of config.toml.
	// Schedules are other limits at some hours, from the tables [schedules.NAME].
	LabelLimits []engine.Limits
	LabelGoals  []engine.Goals
	Schedules   engine.Schedules
}

// recorderFor returns the function that records a size without a unit under a name, see unitlessRecorder.
type recorderFor func(name string) func(number string)

// load sets the limits and goals of labels and the schedules from config.toml, and records their origins.
func (s *ruleSettings) load(config configFile, origins map[string]origin, note recorderFor) error {
	if err := s.loadLabels(config, origins, note); err != nil {
		return err
	}
	return s.loadSchedules(config, origins, note)
}

// limits returns the usual limits over all sites.
func (s *ruleSettings) limits() engine.Limits { return engine.Limits{Down: s.DownLimit, Up: s.UpLimit} }

// rules returns the rules for a running engine, without limits.
func (s *ruleSettings) rules() sites.Rules {
	return sites.Rules{MaxSiteSize: s.MaxSiteSize, CacheSize: s.CacheSize, Goals: s.goals(), Schedules: s.Schedules}
}

// goals returns the goals for all sites, if there are any, and those of labels.
func (s *ruleSettings) goals() []engine.Goals {
	general := engine.Goals{Ratio: s.SeedRatio, Time: int64(s.SeedTime / time.Second)}
	if general.IsZero() {
		return s.LabelGoals
	}
	return append([]engine.Goals{general}, s.LabelGoals...)
}

// changedTables returns the names of the tables that differ from those of other settings.
func (s *ruleSettings) changedTables(other ruleSettings) (names []string) {
	if !slices.Equal(s.LabelGoals, other.LabelGoals) || !slices.Equal(s.LabelLimits, other.LabelLimits) {
		names = append(names, labelsTable)
	}
	if !slices.Equal(s.Schedules, other.Schedules) {
		names = append(names, schedulesTable)
	}
	return names
}

// loadLabels sets the limits and goals of labels from config.toml, and records their origins.
func (s *ruleSettings) loadLabels(config configFile, origins map[string]origin, note recorderFor) error {
	for _, t := range config.labels {
		label, err := engine.ParseLabel(t.name)
		if err != nil {
			return config.errorAt(t.line, "[labels.%s]: %s", t.name, engine.Message(err))
		}
		if slices.ContainsFunc(s.LabelLimits, func(o engine.Limits) bool { return o.Label == label }) {
			return config.errorAt(t.line, "[labels.%s] appears twice: labels that differ only in capitals are the same", t.name)
		}
		l, g := engine.Limits{Label: label}, engine.Goals{Label: label}
		for _, e := range t.entries {
			if err := setLabelField(&l, &g, e, note(labelsTable+"."+label+"."+e.name)); err != nil {
				return config.errorAt(e.line, "%s: %s", e.name, err)
			}
		}
		s.LabelLimits = append(s.LabelLimits, l)
		if !g.IsZero() {
			s.LabelGoals = append(s.LabelGoals, g)
		}
		origins[labelsTable+"."+label] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, t.line)}
	}
	return nil
}

func setLabelField(l *engine.Limits, g *engine.Goals, e configEntry, note func(string)) error {
	switch e.name {
	case downField:
		return setValue(rateValue{&l.Down, note}, e.values)
	case upField:
		return setValue(rateValue{&l.Up, note}, e.values)
	case seedRatioField:
		return setValue(ratioValue{&g.Ratio}, e.values)
	}
	span := time.Duration(g.Time) * time.Second
	err := setValue(periodValue{&span, time.Minute}, e.values)
	g.Time = int64(span / time.Second)
	return err
}

// list returns the tables in the form of `wtptui config show`.
func (s *ruleSettings) list(origins map[string]origin) (shown []shownSetting) {
	add := func(table, field string, value any) {
		shown = append(shown, shownSetting{table + "." + field, value, fromFile, origins[table].where})
	}
	for _, l := range s.LabelLimits {
		table := labelsTable + "." + l.Label
		add(table, downField, rateValue{to: &l.Down}.String())
		add(table, upField, rateValue{to: &l.Up}.String())
	}
	for _, g := range s.LabelGoals {
		table, span := labelsTable+"."+g.Label, time.Duration(g.Time)*time.Second
		add(table, seedRatioField, g.Ratio)
		add(table, seedTimeField, shortDuration(span))
	}
	return append(shown, s.listSchedules(origins)...)
}
