package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"wtptui/cmd/wtptui/command"
	"wtptui/cmd/wtptui/hooks"
)

// limitField is how long a hook may take; the other fields of [hooks] are its events.
const limitField = "limit"

// hookLimit is how long a hook may take unless a person says otherwise.
const hookLimit = time.Minute

// hookFields are what may stand in [hooks].
func hookFields() (names []string) {
	for _, event := range hooks.Events() {
		names = append(names, string(event))
	}
	return append(names, limitField)
}

// takeHooks takes what is to be run when something happens.
func (s *settings) takeHooks(config configFile) error {
	s.Hooks.Limit = hookLimit
	for _, e := range config.hooks {
		var err error
		if e.name == limitField {
			err = assign(durationValue{&s.Hooks.Limit, time.Second}, e.values)
		} else {
			var run command.Command
			if run, err = readRun(e); err == nil {
				if s.Hooks.For == nil {
					s.Hooks.For = map[hooks.Event]command.Command{}
				}
				s.Hooks.For[hooks.Event(e.name)] = run
			}
		}
		if err != nil {
			return config.at(e.line, "%s: %s", e.name, err)
		}
		s.origins[hooksTable+"."+e.name] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, e.line)}
	}
	return nil
}

// shownHooks are the hooks as `wtptui config show` has them.
func (s *settings) shownHooks() (shown []shownSetting) {
	for _, event := range slices.Sorted(maps.Keys(s.Hooks.For)) {
		name := hooksTable + "." + string(event)
		shown = append(shown, shownSetting{name, shownRun(s.Hooks.For[event]), fromFile, s.origins[name].where})
	}
	if from, given := s.origins[hooksTable+"."+limitField]; given {
		shown = append(shown, shownSetting{hooksTable + "." + limitField, shortDuration(s.Hooks.Limit), fromFile, from.where})
	}
	return shown
}
