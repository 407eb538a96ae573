package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"wtptui/cmd/wtptui/command"
	"wtptui/cmd/wtptui/hooks"
)

// limitField is the field of [hooks] for the time that a hook may take; the other fields are events.
const limitField = "limit"

// defaultHookLimit is how long a hook may take by default.
const defaultHookLimit = time.Minute

// hookFields returns the fields of [hooks].
func hookFields() (names []string) {
	for _, event := range hooks.Events() {
		names = append(names, string(event))
	}
	return append(names, limitField)
}

// hookSettings are the commands that run on events.
type hookSettings struct{ hooks.Commands }

// load sets the hooks from config.toml, and records their origins.
func (h *hookSettings) load(config configFile, origins map[string]origin) error {
	h.Timeout = defaultHookLimit
	for _, e := range config.hooks {
		var err error
		if e.name == limitField {
			err = setValue(durationValue{&h.Timeout, time.Second}, e.values)
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
			return config.errorAt(e.line, "%s: %s", e.name, err)
		}
		origins[hooksTable+"."+e.name] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, e.line)}
	}
	return nil
}

// list returns the hooks in the form of `wtptui config show`.
func (h *hookSettings) list(origins map[string]origin) (shown []shownSetting) {
	for _, event := range slices.Sorted(maps.Keys(h.ByEvent)) {
		name := hooksTable + "." + string(event)
		shown = append(shown, shownSetting{name, commandValue(h.ByEvent[event]), fromFile, origins[name].where})
	}
	if from, given := origins[hooksTable+"."+limitField]; given {
		shown = append(shown, shownSetting{hooksTable + "." + limitField, shortDuration(h.Timeout), fromFile, from.where})
	}
	return shown
}
