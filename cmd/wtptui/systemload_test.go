package main

import (
	"testing"
	"testing/fstest"
)

func TestBusyReason(t *testing.T) {
	const battery, busy = "the machine runs on battery", "the machine is busy with other things"
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a system that tells nothing": {nil, ""},
		"idle":                        {map[string]string{"proc/loadavg": "0.20 0.18 0.09 1/512 1234\n"}, ""},
		"working":                     {map[string]string{"proc/loadavg": "2.99 0.18 0.09 1/512 1234\n"}, ""},
		"busy":                        {map[string]string{"proc/loadavg": "3.01 0.18 0.09 4/512 1234\n"}, busy},
		"not a number":                {map[string]string{"proc/loadavg": "much\n"}, ""},
		"on battery":                  {powerSupplies("BAT0", "Battery", "Discharging", "", "AC", "Mains", "", "0"), battery},
		"charging":                    {powerSupplies("BAT0", "Battery", "Charging", "", "AC", "Mains", "", "1"), ""},
		"full":                        {powerSupplies("BAT0", "Battery", "Full", ""), ""},
		"two batteries": {
			powerSupplies("BAT0", "Battery", "Not charging", "", "BAT1", "Battery", "Discharging", ""), battery,
		},
		"more than it is given": {powerSupplies("BAT0", "Battery", "Discharging", "", "ucsi", "USB", "", "1"), ""},
		"UPS":                   {powerSupplies("ups", "UPS", "Discharging", ""), battery},
		"a mouse": {map[string]string{
			"sys/class/power_supply/hid/type": "Battery\n", "sys/class/power_supply/hid/scope": "Device\n",
			"sys/class/power_supply/hid/status": "Discharging\n",
		}, ""},
	} {
		root := fstest.MapFS{}
		for path, content := range test.files {
			root[path] = &fstest.MapFile{Data: []byte(content)}
		}
		if got := (systemLoad{root, 4}).busyReason(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// powerSupplies returns the files of power supplies. values are name, type, status and online for each of them.
func powerSupplies(values ...string) map[string]string {
	files := map[string]string{}
	for ; len(values) > 0; values = values[4:] {
		for i, name := range []string{"type", "status", "online"} {
			if values[i+1] != "" {
				files["sys/class/power_supply/"+values[0]+"/"+name] = values[i+1] + "\n"
			}
		}
	}
	return files
}
