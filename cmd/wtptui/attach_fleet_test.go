package main

import (
	"strings"
	"testing"

	"wtptui/engine"
)

// The chosen machines have different names, whether they are given by name or by address.
func TestChosenMachinesHaveUniqueNames(t *testing.T) {
	all := fleet{
		{name: "nas", address: "ssh://nas.example", readOnly: true}, {name: "vps", address: "ssh://vps.example"},
	}
	const several = "ssh://a.example nas ssh://me@a.example ssh://a.example:22 ssh://[2001:db8::1]"
	for args, want := range map[string]string{
		"":                             "nas vps",
		"vps nas":                      "vps nas",
		several:                        "a.example nas a.example-2 a.example-3 2001:db8::1",
		"ssh://b-2 ssh://b ssh://me@b": "b-2 b b-3",
	} {
		machines, err := all.choose(strings.Fields(args))
		if err != nil {
			t.Errorf("%q: %v", args, err)
		}
		var names []string
		for _, m := range machines {
			names = append(names, m.name)
			if m.readOnly != (m.name == "nas") || m.address == "" {
				t.Errorf("%q: %+v", args, m)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: machines %q, want %q", args, got, want)
		}
	}
	for _, args := range []string{"other", "nas nas", "ssh://vps.example vps", "ssh://"} {
		if _, err := all.choose(strings.Fields(args)); engine.KindOf(err) != engine.Invalid {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := fleet(nil).choose(nil); engine.KindOf(err) != engine.Invalid {
		t.Errorf("without names: %v", err)
	}
}
