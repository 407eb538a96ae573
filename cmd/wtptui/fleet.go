package main

import (
	"fmt"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/localserve/control/overssh"
	"wtptui/ui/theme"
)

// fleet is the list of machines that are named in config.toml, in tables [fleet.NAME].
type fleet []fleetMachine

// fleetMachine is another machine with an engine.
type fleetMachine struct {
	name, address string
	// color is the colour of its name in the dashboard; empty for none.
	color string
	// readOnly reports whether nothing may be changed there from here.
	readOnly bool
}

// The fields of a table [fleet.NAME].
const (
	addressField  = "address"
	colorField    = "color"
	readOnlyField = "read-only"
)

// load sets the machines from config.toml, and records their origins.
func (f *fleet) load(config configFile, origins map[string]origin) error {
	for _, t := range config.fleet {
		if err := checkMachineName(t.name); err != nil {
			return config.errorAt(t.line, "[fleet.%s]: %s", t.name, err)
		}
		m := fleetMachine{name: t.name}
		for _, e := range t.entries {
			var err error
			switch e.name {
			case addressField:
				err = setValue(textValue{&m.address, checkSSH}, e.values)
			case colorField:
				err = setValue(textValue{&m.color, checkColor}, e.values)
			case readOnlyField:
				err = setValue(boolValue{&m.readOnly}, e.values)
			}
			if err != nil {
				return config.errorAt(e.line, "%s: %s", e.name, engine.Message(err))
			}
		}
		if m.address == "" {
			return config.errorAt(t.line, `[fleet.%s] lacks an address: write address = "ssh://user@host"`, t.name)
		}
		*f = append(*f, m)
		origins[fleetTable+"."+t.name] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, t.line)}
	}
	return nil
}

// byName returns the machine with the given name.
func (f fleet) byName(name string) (fleetMachine, error) {
	var names []string
	for _, m := range f {
		if m.name == name {
			return m, nil
		}
		names = append(names, m.name)
	}
	if len(names) == 0 {
		return fleetMachine{}, usageError("config.toml names no machine: add a table [fleet.%s] with an address to it, "+
			"or give --attach ssh://user@host", engine.Clean(name))
	}
	return fleetMachine{}, usageError("config.toml names no machine %q, only %s",
		engine.Clean(name), strings.Join(slices.Sorted(slices.Values(names)), ", "))
}

// byTarget returns the machine at an address. If it has no name in config.toml, only its address is set.
func (f fleet) byTarget(target overssh.Target) fleetMachine {
	for _, m := range f {
		if t, err := overssh.ParseTarget(m.address); err == nil && t == target {
			return m
		}
	}
	return fleetMachine{address: target.String()}
}

// list returns the machines in the form of `wtptui config show`.
func (f fleet) list(origins map[string]origin) (shown []shownSetting) {
	for _, m := range f {
		table := fleetTable + "." + m.name
		add := func(field string, value any) {
			shown = append(shown, shownSetting{table + "." + field, value, fromFile, origins[table].where})
		}
		add(addressField, m.address)
		if m.color != "" {
			add(colorField, m.color)
		}
		add(readOnlyField, m.readOnly)
	}
	return shown
}

// checkMachineName checks that a name can be typed as one word and fits into a column.
func checkMachineName(s string) error {
	const maxLength = 16
	isInvalid := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r))
	}
	if s == "" || len(s) > maxLength || strings.ContainsFunc(s, isInvalid) || strings.HasPrefix(s, "-") {
		return fmt.Errorf("a machine's name has letters, digits, -, _ and ., at most %d of them", maxLength)
	}
	return nil
}

func checkSSH(s string) error {
	_, err := overssh.ParseTarget(s)
	return err
}

func checkColor(s string) error {
	if !theme.IsColor(s) {
		return fmt.Errorf("%q is not a colour: give %s or one like #ff8800", s, strings.Join(theme.ColorNames(), ", "))
	}
	return nil
}
