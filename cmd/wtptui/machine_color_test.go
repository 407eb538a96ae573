package main

import "testing"

func TestMachineColor(t *testing.T) {
	s := &settings{MachineColors: []string{"yellow", "nas=#ff8800", "vault=red"}}
	for machine, want := range map[string]string{"nas": "#ff8800", "vault": "red", "other.example": "yellow"} {
		if got := s.machineColor(machine); got != want {
			t.Errorf("%s: %q, want %q", machine, got, want)
		}
	}
	if got := (&settings{MachineColors: []string{"nas=red"}}).machineColor("other"); got != "" {
		t.Errorf("without a colour for all: %q", got)
	}
	for text, valid := range map[string]bool{
		"red": true, "nas=blue": true, "#12abCD": true, "nas=#000000": true,
		"": false, "nas": false, "nas=": false, "#12345": false, "#12345g": false, "#+12345": false, "nas=pink": false,
	} {
		if err := checkMachineColor(text); (err == nil) != valid {
			t.Errorf("%q: %v", text, err)
		}
	}
}
