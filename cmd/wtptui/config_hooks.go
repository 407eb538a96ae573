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

// hookSettings are what is to be run when something happens.
type hookSettings struct{ hooks.Commands }

// take takes them from config.toml, and notes their origins.
func (h *hookSettings) take(config configFile, origins map[string]origin) error {
	h.Timeout = hookLimit
	for _, e := range config.hooks {
		var err error
		if e.name == limitField {
			err = assign(durationValue{&h.Timeout, time.Second}, e.values)
		} else {
			var run command.Command
			if run, err = readRun(e); err == nil {
				if h.ByEvent == nil {
					h.ByEvent = map[hooks.Event]command.Command{}
				}
				h.ByEvent[hooks.Event(e.name)] = run
			}
		}
		if err != nil {
			return config.at(e.line, "%s: %s", e.name, err)
		}
		origins[hooksTable+"."+e.name] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, e.line)}
	}
	return nil
}

// shown are the hooks as `wtptui config show` has them.
func (h *hookSettings) shown(origins map[string]origin) (shown []shownSetting) {
	for _, event := range slices.Sorted(maps.Keys(h.ByEvent)) {
		name := hooksTable + "." + string(event)
		shown = append(shown, shownSetting{name, shownRun(h.ByEvent[event]), fromFile, origins[name].where})
	}
	if from, given := origins[hooksTable+"."+limitField]; given {
		shown = append(shown, shownSetting{hooksTable + "." + limitField, shortDuration(h.Timeout), fromFile, from.where})
	}
	return shown
}
