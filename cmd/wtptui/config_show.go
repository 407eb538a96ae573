package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wtptui/cmd/wtptui/command"
	"wtptui/engine"
)

// shownSetting is one setting in the output of `config show --json`.
type shownSetting struct {
	// Name is the name of the flag, and of the key in config.toml.
	Name string `json:"name"`
	// Value is a text, a number, a boolean, or a list of texts, in the form of config.toml.
	Value any `json:"value"`
	// From is "flag", "environment", "file" or "default".
	From layer `json:"from"`
	// Where is the flag, the variable, or file and line; empty for a default.
	Where string `json:"where"`
}

// configShowCommand returns the verb config show.
func configShowCommand(c *client) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show every setting, its value and where that comes from",
		Args:  exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := c.settings.loadLayers(cmd.Flags(), c.getenv); err != nil {
				return err
			}
			for _, warning := range c.settings.warningsAbout(c.environ()) {
				fmt.Fprintln(c.stderr, "wtptui:", engine.Clean(warning))
			}
			shown := c.settings.list(cmd.Flags().Changed("data-dir"), c.getenv)
			if asJSON {
				return printJSON(c.stdout, shown)
			}
			printSettings(c.stdout, shown)
			return nil
		},
	}
	addSettingFlags(c.settings, cmd)
	addJSONFlag(cmd, &asJSON)
	return cmd
}

// list returns all settings. dirFlag reports whether the data folder was given as a flag.
func (s *settings) list(dirFlag bool, getenv func(string) string) []shownSetting {
	dir := shownSetting{Name: "data-dir", Value: s.dataDir(), From: fromDefault}
	switch {
	case dirFlag:
		dir.From, dir.Where = fromFlag, "--data-dir"
	case getenv(envName("data-dir")) != "":
		dir.From, dir.Where = fromEnvironment, envName("data-dir")
	}
	shown := []shownSetting{dir}
	for _, o := range s.options() {
		from := s.origins[o.name]
		shown = append(shown, shownSetting{o.name, jsonValue(o), cmp.Or(from.layer, fromDefault), from.where})
	}
	for _, action := range slices.Sorted(maps.Keys(s.Keys)) {
		name := keysTable + "." + action
		shown = append(shown, shownSetting{name, append([]string{}, s.Keys[action]...), fromFile, s.origins[name].where})
	}
	return slices.Concat(
		shown, s.Hooks.list(s.origins), s.ruleSettings.list(s.origins), s.Fleet.list(s.origins), s.listCommands(),
	)
}

// listCommands returns the person's own commands, from the tables [commands.NAME].
func (s *settings) listCommands() (shown []shownSetting) {
	add := func(table, field string, value any) {
		shown = append(shown, shownSetting{table + "." + field, value, fromFile, s.origins[table].where})
	}
	for _, c := range s.Commands {
		table := commandsTable + "." + c.name
		add(table, "key", append([]string{}, c.keys...))
		add(table, "run", commandValue(c.run))
		add(table, "screen", c.screen)
	}
	return shown
}

// commandValue returns a command in the form of config.toml: a list, or a text for the shell.
func commandValue(c command.Command) any {
	if c.Argv != nil {
		return c.Argv
	}
	return c.Shell
}

// jsonValue returns the value of a setting in the form of JSON.
func jsonValue(o option) any {
	switch v := o.value.(type) {
	case boolValue:
		return *v.to
	case portValue:
		return *v.to
	case countValue:
		return *v.to
	case ratioValue:
		return *v.to
	case *listValue:
		return append([]string{}, *v.to...)
	}
	return o.value.String()
}

// printSettings prints each value of a list in a line of its own, so that every line can be found by the setting's
// name.
func printSettings(w io.Writer, shown []shownSetting) {
	var rows [][]string
	for _, s := range shown {
		from := string(s.From)
		if s.Where != "" {
			from = s.Where
		}
		values := []string{fmt.Sprint(s.Value)}
		if list, ok := s.Value.([]string); ok {
			values = list
			if len(list) == 0 {
				values = []string{"none"}
			}
		}
		for _, v := range values {
			rows = append(rows, []string{s.Name, strings.TrimSpace(v), from})
		}
	}
	printTable(w, []string{"SETTING", "VALUE", "FROM"}, rows)
}
