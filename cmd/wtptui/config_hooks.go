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

// defaultHookLimit is how long a hook may take unless a person says otherwise.
const defaultHookLimit = time.Minute

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
func (h *hookSettings) load(config configFile, origins map[string]origin) error {
	h.Limit = defaultHookLimit
	for _, e := range config.hooks {
		var err error
		if e.name == limitField {
			err = setValue(durationValue{&h.Limit, time.Second}, e.values)
		} else {
			var run command.Command
			if run, err = readRun(e); err == nil {
				if h.For == nil {
					h.For = map[hooks.Event]command.Command{}
				}
				h.For[hooks.Event(e.name)] = run
			}
		}
		if err != nil {
			return config.errorAt(e.line, "%s: %s", e.name, err)
		}
		origins[hooksTable+"."+e.name] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, e.line)}
	}
	return nil
}

// shown are the hooks as `wtptui config show` has them.
func (h *hookSettings) list(origins map[string]origin) (shown []shownSetting) {
	for _, event := range slices.Sorted(maps.Keys(h.For)) {
		name := hooksTable + "." + string(event)
		shown = append(shown, shownSetting{name, commandValue(h.For[event]), fromFile, origins[name].where})
	}
	if from, given := origins[hooksTable+"."+limitField]; given {
		shown = append(shown, shownSetting{hooksTable + "." + limitField, shortDuration(h.Limit), fromFile, from.where})
	}
	return shown
}
