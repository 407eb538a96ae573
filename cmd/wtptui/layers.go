package main

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"wtptui/localserve"
	"wtptui/ui/keys"
)

// origin is which layer a setting comes from, and where in it.
type origin struct {
	layer layer
	// where is the flag, the variable, or file and line; empty for a default.
	where string
}

// layer is a place that settings come from.
type layer string

// The layers, the strongest first.
const (
	fromFlag        layer = "flag"
	fromEnvironment layer = "environment"
	fromFile        layer = "file"
	fromDefault     layer = "default"
)

// complete fills what the flags have left open from the environment and from config.toml, and remembers what came from
// where.
func (s *settings) loadLayers(flags *pflag.FlagSet, getenv func(string) string) error {
	s.origins = map[string]origin{}
	for _, o := range s.options() {
		if flags.Changed(o.name) {
			s.origins[o.name] = origin{fromFlag, "--" + o.name}
			continue
		}
		env := getenv(envName(o.name))
		if env == "" {
			continue
		}
		if err := setValue(o.value, splitList(o.value, env)); err != nil {
			return usageError("%s: %s", envName(o.name), err)
		}
		s.origins[o.name] = origin{fromEnvironment, envName(o.name)}
	}
	if err := s.loadFile(); err != nil {
		return err
	}
	return s.checkCombinations()
}

func (s *settings) loadFile() error {
	options := s.options()
	config, err := readConfigFile(s.configFile(), options)
	if err != nil {
		return err
	}
	for _, e := range config.entries {
		target := options
		if _, isSet := s.origins[e.name]; isSet {
			// It is checked all the same: a mistake should not wait for the day when the flag is left out.
			target = (&settings{}).options()
		} else {
			s.origins[e.name] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, e.line)}
		}
		if err := setValue(findOption(target, e.name).value, e.values); err != nil {
			return config.errorAt(e.line, "%s: %s", e.name, err)
		}
	}
	if err := s.Hooks.load(config, s.origins); err != nil {
		return err
	}
	note := func(name string) func(string) { return unitlessRecorder(s, name) }
	if err := s.ruleSettings.load(config, s.origins, note); err != nil {
		return err
	}
	if err := s.Fleet.load(config, s.origins); err != nil {
		return err
	}
	if err := s.loadCommands(config); err != nil {
		return err
	}
	return s.loadKeys(config)
}

// loadKeys takes the keys of the dashboard, which the dashboard's own table checks.
func (s *settings) loadKeys(config configFile) error {
	var actions []string
	for _, b := range keys.All() {
		actions = append(actions, string(b.Action))
	}
	for _, e := range config.keys {
		if !slices.Contains(actions, e.name) {
			return config.errorAt(e.line, "there is no action %q%s", e.name, didYouMean(e.name, actions))
		}
		if s.Keys == nil {
			s.Keys = map[string][]string{}
		}
		s.Keys[e.name] = e.values
		s.origins[keysTable+"."+e.name] = origin{fromFile, fmt.Sprintf("%s:%d", config.path, e.line)}
	}
	_, err := s.keyMap()
	if err == nil {
		return nil
	}
	// The table names the action; the line is that of the first one it names.
	for _, e := range config.keys {
		if strings.Contains(err.Error(), e.name) {
			return config.errorAt(e.line, "%s", err)
		}
	}
	for _, t := range config.commands {
		if strings.Contains(err.Error(), keys.OwnPrefix+t.name) {
			return config.errorAt(t.keyLine(), "%s", err)
		}
	}
	return usageError("%s: %s", config.path, err)
}

// agree refuses settings that are fine alone and not together.
func (s *settings) checkCombinations() error {
	if s.MetricsListen == "" {
		return s.Home.checkCombinations()
	}
	_, pages, _ := net.SplitHostPort(s.Listen) // Both were checked when they were set.
	if localserve.IsPublic(s.MetricsListen) && !s.ListenPublic {
		return usageError("--metrics-listen %s can be reached from other computers: use 127.0.0.1, or say --listen-public "+
			"if that is what you want", s.MetricsListen)
	}
	_, metrics, _ := net.SplitHostPort(s.MetricsListen)
	if metrics == pages && metrics != "0" {
		return usageError("--metrics-listen has the port of --listen, where web pages could ask for it: give it another port than %s", pages)
	}
	return s.Home.checkCombinations()
}

// splitList returns the values of a list in the environment, which are parted by commas or blanks.
func splitList(v pflag.Value, env string) []string {
	if _, list := v.(*listValue); !list {
		return []string{env}
	}
	return strings.FieldsFunc(env, func(r rune) bool { return r == ',' || r == ' ' })
}

// assign sets a value; only a list takes other than one.
func setValue(v pflag.Value, values []string) error {
	if list, ok := v.(*listValue); ok {
		return list.replace(values)
	}
	if len(values) != 1 {
		return fmt.Errorf("takes one value, not a list")
	}
	return v.Set(values[0])
}
