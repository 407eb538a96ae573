package main

import (
	"slices"
	"testing"
)

// Settings survive the control protocol unchanged.
func TestControlSettings(t *testing.T) {
	for name, args := range map[string][]string{
		"defaults": nil,
		"others": {
			"--listen", "127.0.0.1:0", "--peer-port", "0", "--peer-host", "127.0.0.1", "--stun", "none",
			"--tracker", "udp://a.example:1/announce", "--tracker", "wss://b.example", "--no-dht", "--up-limit", "1.5M",
			"--cache-size", "0", "--scrub", "0", "--metrics-listen", "127.0.0.1:9100",
		},
	} {
		s, err := loadSettings(t, "", nil, args...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := fromControl(s.toControl(), s.DataDir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, o := range s.options() {
			if is, want := findOption(got.options(), o.name).value.String(), o.value.String(); is != want {
				t.Errorf("%s: %s is %q, want %q", name, o.name, is, want)
			}
		}
	}
}

// Only settings that a person has given, and that the running program does not have, are not in effect.
func TestSettingsNotInEffect(t *testing.T) {
	running, err := loadSettings(t, "", nil, "--no-upnp", "--cache-ttl", "1h", "--stun", "turn:me:secret@turn.example")
	if err != nil {
		t.Fatal(err)
	}
	const config = "cache-ttl = \"1h\"\nup-limit = \"1M\"\n"
	s, err := loadSettings(t, config, map[string]string{"WTPTUI_STUN": "none"}, "--peer-port", "7001")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"peer-port is 42069, and --peer-port says 7001", "stun has other values than WTPTUI_STUN",
		"up-limit is none, and " + s.configFile() + ":2 says 1MiB",
	}
	if got := s.notInEffect(running); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
