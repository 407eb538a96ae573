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

// origin is the layer that a setting comes from, and the place in it.
type origin struct {
	layer layer
	// where is the flag, the variable, or file and line; empty for a default.
	where string
}

// layer is a source of settings.
type layer string

// The layers, the one with the highest precedence first.
const (
	fromFlag        layer = "flag"
	fromEnvironment layer = "environment"
	fromFile        layer = "file"
	fromDefault     layer = "default"
)

// loadLayers sets what the flags have not set, from the environment and from config.toml, and records the origins.
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
			// It is checked all the same: a mistake should not wait for the day when the flag is omitted.
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

// loadKeys sets the keys of the dashboard from config.toml. The dashboard's own table checks them.
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
	// The error of the table names the action. The first line with an action that it names is reported.
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

// checkCombinations returns an error for settings that are valid alone but not together.
func (s *settings) checkCombinations() error {
	if s.MetricsListen == "" {
		return s.Home.checkCombinations()
	}
	_, pages, _ := net.SplitHostPort(s.Listen) // Both were validated when they were set.
	if localserve.IsPublic(s.MetricsListen) && !s.ListenPublic {
		return usageError("--metrics-listen %s can be reached from other computers: "+
			"use 127.0.0.1, or add --listen-public if you want that", s.MetricsListen)
	}
	_, metrics, _ := net.SplitHostPort(s.MetricsListen)
	if metrics == pages && metrics != "0" {
		return usageError("--metrics-listen has the port of --listen, where web pages could read the metrics: "+
			"give it another port than %s", pages)
	}
	return s.Home.checkCombinations()
}

// splitList splits the value of a list in the environment at commas and blanks.
func splitList(v pflag.Value, env string) []string {
	if _, list := v.(*listValue); !list {
		return []string{env}
	}
	return strings.FieldsFunc(env, func(r rune) bool { return r == ',' || r == ' ' })
}

// setValue sets a value. Only lists accept more than one text.
func setValue(v pflag.Value, values []string) error {
	if list, ok := v.(*listValue); ok {
		return list.replace(values)
	}
	if len(values) != 1 {
		return fmt.Errorf("takes one value, not a list")
	}
	return v.Set(values[0])
}
