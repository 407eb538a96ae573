package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"wtptui/localserve/control"
)

// toControl returns all settings except those in tables, in the form of the control protocol.
func (s *settings) toControl() (all []control.Setting) {
	for _, o := range s.options() {
		values := []string{o.value.String()}
		if list, ok := o.value.(*listValue); ok {
			values = append([]string{}, *list.to...)
		}
		all = append(all, control.Setting{Name: o.name, Values: values})
	}
	return all
}

// fromControl returns the settings that a running program has sent. It ignores unknown ones, since the program may be
// of another version.
func fromControl(given []control.Setting, dataDir string) (*settings, error) {
	s, err := defaultSettings()
	if err != nil {
		return nil, err
	}
	s.DataDir = dataDir
	for _, o := range s.options() {
		i := slices.IndexFunc(given, func(t control.Setting) bool { return t.Name == o.name })
		if i < 0 || o.value.String() == strings.Join(given[i].Values, ",") {
			continue
		}
		if err := setValue(o.value, given[i].Values); err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return s, nil
}

// runningSettings returns the settings that the engine at the other end of a connection runs with.
func runningSettings(ctx context.Context, c *control.Client, dataDir string) (*settings, error) {
	given, err := c.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return fromControl(given, dataDir)
}

// notInEffect returns a text for each setting that a person has given, in a flag, the environment or config.toml, and
// that the running program does not have.
func (s *settings) notInEffect(running *settings) (texts []string) {
	others := running.options()
	for _, o := range s.options() {
		from, given := s.origins[o.name]
		is, wanted := findOption(others, o.name).value.String(), o.value.String()
		if !given || is == wanted {
			continue
		}
		if _, list := o.value.(*listValue); list { // The list may be long, and contain a password.
			texts = append(texts, fmt.Sprintf("%s has other values than %s", o.name, from.where))
			continue
		}
		text := fmt.Sprintf("%s is %s, and %s says %s", o.name, valueOrNone(is), from.where, valueOrNone(wanted))
		texts = append(texts, text)
	}
	return texts
}

func valueOrNone(value string) string {
	if value == "" {
		return "none"
	}
	return value
}
