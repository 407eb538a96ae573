package main

import (
	"fmt"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/localserve/control/overssh"
	"wtptui/ui/theme"
)

// fleet are the machines that a person has given names, as the tables [fleet.NAME] of config.toml have them.
type fleet []fleetMachine

// fleetMachine is another machine with an engine.
type fleetMachine struct {
	name, address string
	// color is for its name in the dashboard; empty for none of its own.
	color string
	// readOnly reports whether nothing is to be changed there from here.
	readOnly bool
}

// What a table [fleet.NAME] may have.
const (
	addressField  = "address"
	colorField    = "color"
	readOnlyField = "read-only"
)

// take takes the machines of config.toml, and notes their origins.
func (f *fleet) take(config configFile, origins map[string]origin) error {
	for _, t := range config.fleet {
		if err := checkMachineName(t.name); err != nil {
			return config.at(t.line, "[fleet.%s]: %s", t.name, err)
		}
		m := fleetMachine{name: t.name}
		for _, e := range t.entries {
			var err error
			switch e.name {
			case addressField:
				err = assign(textValue{&m.address, checkSSH}, e.values)
			case colorField:
				err = assign(textValue{&m.color, checkColor}, e.values)
			case readOnlyField:
				err = assign(boolValue{&m.readOnly}, e.values)
			}
			if err != nil {
				return config.at(e.line, "%s: %s", e.name, engine.Message(err))
			}
		}
		if m.address == "" {
			return config.at(t.line, `[fleet.%s] lacks an address: write address = "ssh://user@host"`, t.name)
		}
		*f = append(*f, m)
		origins[fleetTable+"."+t.name] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, t.line)}
	}
	return nil
}

// named returns the machine of a name.
func (f fleet) named(name string) (fleetMachine, error) {
	var names []string
	for _, m := range f {
		if m.name == name {
			return m, nil
		}
		names = append(names, m.name)
	}
	if len(names) == 0 {
		return fleetMachine{}, usageError("no machine has a name: write [fleet.%s] with its address into config.toml, "+
			"or give --attach ssh://user@host", engine.Clean(name))
	}
	return fleetMachine{}, usageError("there is no machine %q in config.toml, only %s",
		engine.Clean(name), strings.Join(slices.Sorted(slices.Values(names)), ", "))
}

// at returns the machine at an address, which may have no name: then it has nothing but that.
func (f fleet) at(target overssh.Target) fleetMachine {
	for _, m := range f {
		if t, err := overssh.Parse(m.address); err == nil && t == target {
			return m
		}
	}
	return fleetMachine{address: target.String()}
}

// shown are the machines as `wtptui config show` has them.
func (f fleet) shown(origins map[string]origin) (shown []shownSetting) {
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

// checkMachineName takes what can be typed as a word, and stands in a column.
func checkMachineName(s string) error {
	const most = 16
	strange := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r))
	}
	if s == "" || len(s) > most || strings.ContainsFunc(s, strange) || strings.HasPrefix(s, "-") {
		return fmt.Errorf("a machine's name has letters, digits, -, _ and ., at most %d of them", most)
	}
	return nil
}

func checkSSH(s string) error {
	_, err := overssh.Parse(s)
	return err
}

func checkColor(s string) error {
	if !theme.IsColor(s) {
		return fmt.Errorf("%q is no colour: give %s or one like #ff8800", s, strings.Join(theme.ColorNames(), ", "))
	}
	return nil
}
