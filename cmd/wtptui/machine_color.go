package main

import (
	"fmt"
	"strings"

	"wtptui/ui/theme"
)

// checkMachineColor takes a colour, alone or after the name of a machine: red, nas=#ff8800.
func checkMachineColor(s string) error {
	_, color := splitMachineColor(s)
	if !theme.IsColor(color) {
		return fmt.Errorf("%q is no colour: give %s or one like #ff8800, or put the machine before it: nas=red", s, strings.Join(theme.ColorNames(), ", "))
	}
	return nil
}

// splitMachineColor parts NAME=COLOR; the name is empty for all machines.
func splitMachineColor(s string) (machine, color string) {
	machine, color, one := strings.Cut(s, "=")
	if !one {
		return "", machine
	}
	return machine, color
}

// machineColor is the colour for a machine's name: the one that was given for it, or else the one for all; empty for
// none.
func (s *settings) machineColor(machine string) string {
	all := ""
	for _, c := range s.MachineColors {
		switch name, color := splitMachineColor(c); name {
		case machine:
			return color
		case "":
			all = color
		}
	}
	return all
}
