package main

import (
	"fmt"
	"strings"
)

// doubtful returns which of a person's settings are hardly meant as they stand, each as a text: variables of the
// environment that are one letter or two away from ours, and sizes without a unit.
func (s *settings) doubtful(environ []string) (all []string) {
	known := []string{"data-dir", "attach"}
	names := map[string]bool{envName("data-dir"): true, envName("attach"): true}
	for _, o := range s.options() {
		known, names[envName(o.name)] = append(known, o.name), true
	}
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		word, ours := strings.CutPrefix(name, envName(""))
		if !ours || names[name] {
			continue
		}
		// Others have such variables, too: of a service of that name, container managers tell host and port in some.
		if meant, near := nearest(word, known); near {
			all = append(all, fmt.Sprintf("%s is no setting: did you mean %s?", name, envName(meant)))
		}
	}
	for _, o := range s.options() {
		if number := s.bare[o.name]; number != "" {
			from := s.origins[o.name]
			where := from.where
			if from.layer == fromFile {
				where += ": " + o.name
			}
			all = append(all, fmt.Sprintf("%s is %s bytes: give it a unit, like %sM, or say %sB", where, number, number, number))
		}
	}
	return all
}

// noteBare has the sizes among the options of settings noted that are given without a unit.
func noteBare(s *settings, options []option) []option {
	for i := range options {
		o := &options[i]
		note := func(number string) {
			if s.bare == nil {
				s.bare = map[string]string{}
			}
			s.bare[o.name] = number
		}
		switch v := o.value.(type) {
		case sizeValue:
			v.note = note
			o.value = v
		case rateValue:
			v.note = note
			o.value = v
		}
	}
	return options
}
