package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"wtptui/cmd/wtptui/command"
	"wtptui/engine"
	"wtptui/ui/keys"
)

// The kinds of tables in config.toml.
const (
	topLevel       = ""
	keysTable      = "keys"      // the dashboard's keys
	hooksTable     = "hooks"     // what is run when something happens
	labelsTable    = "labels"    // [labels.NAME]: the limits and goals of a label
	schedulesTable = "schedules" // [schedules.NAME]: other limits at some hours of the week
	fleetTable     = "fleet"     // [fleet.NAME]: another machine with an engine
	commandsTable  = "commands"  // [commands.NAME]: one of the person's own commands
)

// The fields of limits in several tables, and those of goals in [labels.NAME]. The latter are settings as well.
const (
	downField      = "down"
	upField        = "up"
	seedRatioField = "seed-ratio"
	seedTimeField  = "seed-time"
)

// tableFields are the fields of the tables that have names.
var tableFields = map[string][]string{
	labelsTable:    {downField, upField, seedRatioField, seedTimeField},
	schedulesTable: {daysField, fromField, toField, downField, upField, pausedField},
	fleetTable:     {addressField, colorField, readOnlyField},
	commandsTable:  {"key", "run", "screen", "help"},
}

// configTable is a table that has a name, such as [labels.NAME].
type configTable struct {
	name    string
	line    int
	entries []configEntry
}

// keyLine returns the line of the field "key", or else that of the table's header.
func (t configTable) keyLine() int {
	for _, e := range t.entries {
		if e.name == "key" {
			return e.line
		}
	}
	return t.line
}

// configSection is the table to which the next lines of config.toml belong.
type configSection struct {
	kind    string
	entries *[]configEntry
}

// openTable starts the table with the given header.
func (c *configFile) openTable(node *unstable.Node, key string, line int) (configSection, error) {
	kind, name, hasName := strings.Cut(key, ".")
	named := map[string]*[]configTable{
		labelsTable: &c.labels, schedulesTable: &c.schedules, fleetTable: &c.fleet, commandsTable: &c.commands,
	}[kind]
	single := map[string]*[]configEntry{keysTable: &c.keys, hooksTable: &c.hooks}[key]
	switch {
	case node.Kind != unstable.Table || single == nil && named == nil:
		return configSection{}, c.errorAt(line,
			"there is no table %q: config.toml can have [keys], [hooks], [labels.NAME], [schedules.NAME], [fleet.NAME] "+
				"and [commands.NAME]", key)
	case single != nil && slices.Contains(c.seenTables, key):
		return configSection{}, c.errorAt(line, "[%s] appears twice", key)
	case single != nil:
		c.seenTables = append(c.seenTables, key)
		return configSection{kind, single}, nil
	case !hasName:
		return configSection{}, c.errorAt(line, "[%s] lacks a name: write [%s.NAME]", kind, kind)
	case slices.ContainsFunc(*named, func(t configTable) bool { return t.name == name }):
		return configSection{}, c.errorAt(line, "[%s] appears twice", key)
	}
	*named = append(*named, configTable{name: name, line: line})
	return configSection{kind, &(*named)[len(*named)-1].entries}, nil
}

// checkKey returns an error if the section has no such key. settings are the names of all settings.
func (c *configFile) checkKey(current configSection, key string, line int, settings []string) error {
	fields := tableFields[current.kind]
	switch {
	case current.kind == topLevel && !slices.Contains(settings, key):
		return c.errorAt(line, "there is no setting %q%s", key, didYouMean(key, settings))
	case current.kind == hooksTable && !slices.Contains(hookFields(), key):
		return c.errorAt(line, "there is no %q in [hooks]: it has %s", key, strings.Join(hookFields(), ", "))
	case current.kind == keysTable && slices.Contains(settings, key):
		return c.errorAt(line, "%s is a setting, not an action of the dashboard: move it above [keys]", key)
	case fields != nil && slices.Contains(settings, key) && !slices.Contains(fields, key):
		return c.errorAt(line, "%s is a setting: move it above all tables", key)
	case fields != nil && !slices.Contains(fields, key):
		return c.errorAt(line, "there is no %q in [%s.NAME]: it has %s", key, current.kind, strings.Join(fields, ", "))
	}
	return nil
}

// ownCommand is one of the person's own commands.
type ownCommand struct {
	name string
	keys []string
	help string
	run  command.Command
	// screen reports whether the command uses the terminal while it runs.
	screen bool
}

// loadCommands sets the person's own commands from config.toml, and records their origins. Their keys are checked with
// all others.
func (s *settings) loadCommands(config configFile) error {
	for _, t := range config.commands {
		cmd, err := readCommand(config, t)
		if err != nil {
			return err
		}
		s.Commands = append(s.Commands, cmd)
		s.origins[commandsTable+"."+cmd.name] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, t.line)}
	}
	return nil
}

// readCommand parses a table [commands.NAME].
func readCommand(config configFile, t configTable) (ownCommand, error) {
	cmd := ownCommand{name: t.name}
	if err := keys.CheckOwnName(t.name); err != nil {
		return cmd, config.errorAt(t.line, "[commands.%s]: %s", t.name, err)
	}
	for _, e := range t.entries {
		var err error
		switch e.name {
		case "key":
			cmd.keys = e.values
		case "help":
			err = setValue(textValue{&cmd.help, checkHelp}, e.values)
		case "screen":
			err = setValue(boolValue{&cmd.screen}, e.values)
		case "run":
			cmd.run, err = readRun(e)
		}
		if err != nil {
			return cmd, config.errorAt(e.line, "%s: %s", e.name, err)
		}
	}
	if cmd.run.IsZero() {
		return cmd, config.errorAt(t.line,
			`[commands.%s] has nothing to run: write run = ["program", "argument"], or a text for the shell`, t.name)
	}
	return cmd, nil
}

// readRun parses what is to be run: a list as a program with arguments, a text as a command for the shell.
func readRun(e configEntry) (command.Command, error) {
	empty := len(e.values) == 0 || strings.TrimSpace(e.values[0]) == ""
	switch {
	case empty && e.list:
		return command.Command{}, fmt.Errorf("the list must begin with a program")
	case empty:
		return command.Command{}, fmt.Errorf("the text is empty")
	case slices.ContainsFunc(e.values, func(v string) bool { return strings.Contains(v, "\x00") }):
		return command.Command{}, fmt.Errorf("it contains a NUL character")
	case e.list:
		return command.Command{Argv: e.values}, nil
	}
	return command.Command{Shell: e.values[0]}, nil
}

// checkHelp checks the help text of a command.
func checkHelp(s string) error {
	const maxLength = 80
	if engine.Clean(s) != s || len([]rune(s)) > maxLength {
		return fmt.Errorf("give one line of at most %d characters, without control characters", maxLength)
	}
	return nil
}

// keyMap returns the dashboard's keys: the default ones, changed by [keys], and those of the person's own commands.
func (s *settings) keyMap() (*keys.Map, error) {
	m, err := keys.Remap(s.Keys)
	if err != nil {
		return nil, err
	}
	own := make([]keys.Own, len(s.Commands))
	for i, c := range s.Commands {
		own[i] = keys.Own{Name: c.name, Keys: c.keys, Help: c.help}
	}
	return m.With(own...)
}
