package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// warningsAbout returns a warning for each setting that was probably not meant as given: environment variables whose
// names are similar to one of ours, and sizes without a unit.
func (s *settings) warningsAbout(environ []string) (texts []string) {
	known := []string{"data-dir", "attach", "on"}
	names := map[string]bool{envName("data-dir"): true, envName("attach"): true, envName("on"): true}
	for _, o := range s.options() {
		known, names[envName(o.name)] = append(known, o.name), true
	}
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		word, hasPrefix := strings.CutPrefix(name, envName(""))
		if !hasPrefix || names[name] {
			continue
		}
		// Similar variables may have another origin: container managers set host and port of a service in some.
		if suggestion, near := nearest(word, known); near {
			texts = append(texts, fmt.Sprintf("%s is not a setting: did you mean %s?", name, envName(suggestion)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.unitless)) {
		if number := s.unitless[name]; number != "" {
			texts = append(texts, s.unitlessWarning(name, number))
		}
	}
	return texts
}

// unitlessWarning returns the warning for a size without a unit. A small one was hardly meant in bytes.
func (s *settings) unitlessWarning(name, number string) string {
	const maxDigits = 5 // digits
	table := name
	if i := strings.LastIndex(name, "."); i > 0 {
		table = name[:i]
	}
	from, where := s.origins[table], s.origins[table].where
	if from.layer == fromFile {
		where += ": " + name
	}
	if len(number) > maxDigits {
		return fmt.Sprintf("%s is %s bytes: write %sB if that is what you mean", where, number, number)
	}
	return fmt.Sprintf("%s is %s bytes: add a unit, like %[2]sM, or write %[2]sB if you mean bytes", where, number)
}

// recordUnitless makes the sizes among the options record that they were given without a unit.
func recordUnitless(s *settings, options []option) []option {
	for i := range options {
		o := &options[i]
		note := unitlessRecorder(s, o.name)
		switch v := o.value.(type) {
		case sizeValue:
			v.onUnitless = note
			o.value = v
		case rateValue:
			v.onUnitless = note
			o.value = v
		}
	}
	return options
}

// unitlessRecorder returns a function that records a size without a unit under a name.
func unitlessRecorder(s *settings, name string) func(number string) {
	return func(number string) {
		if s.unitless == nil {
			s.unitless = map[string]string{}
		}
		s.unitless[name] = number
	}
}
