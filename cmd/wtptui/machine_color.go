package main

import (
	"fmt"
	"strings"

	"wtptui/ui/theme"
)

// checkMachineColor checks a colour, alone or after the name of a machine: red, nas=#ff8800.
func checkMachineColor(s string) error {
	_, color := splitMachineColor(s)
	if !theme.IsColor(color) {
		return fmt.Errorf("%q is not a colour: give %s or one like #ff8800, or put the machine before it: nas=red", s,
			strings.Join(theme.ColorNames(), ", "))
	}
	return nil
}

// splitMachineColor splits NAME=COLOR. The name is empty for a colour of all machines.
func splitMachineColor(s string) (machine, color string) {
	machine, color, one := strings.Cut(s, "=")
	if !one {
		return "", machine
	}
	return machine, color
}

// machineColor returns the colour for a machine's name: that for the machine, or else that for all machines; empty for
// none.
func (s *settings) machineColor(machine string) string {
	general := ""
	for _, c := range s.MachineColors {
		switch name, color := splitMachineColor(c); name {
		case machine:
			return color
		case "":
			general = color
		}
	}
	return general
}
