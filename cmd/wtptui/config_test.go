package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"wtptui/engine"
)

// The config.toml that `config init` writes has the defaults: the test removes the # from every commented line.
func TestDescribedSettingsAreTheDefaults(t *testing.T) {
	defaults, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	commented := regexp.MustCompile(`(?m)^# (([a-z-]+ = |  "|\]|\[[a-z.]+\]).*)$`)
	text := commented.ReplaceAll(describeSettings(defaults), []byte("$1"))
	s, err := loadSettings(t, string(text), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, o := range defaults.options() {
		if got, want := findOption(s.options(), o.name).value.String(), o.value.String(); got != want {
			t.Errorf("%s is %s, want %s", o.name, got, want)
		}
		if s.origins[o.name].layer != fromFile {
			t.Errorf("%s is not in the file", o.name)
		}
	}
	if !slices.Equal(s.Keys["quit"], []string{"ctrl+q"}) {
		t.Errorf("keys %v", s.Keys)
	}
}

func TestNearest(t *testing.T) {
	s, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, o := range s.options() {
		known = append(known, o.name)
	}
	for word, want := range map[string]string{
		"listn": "listen", "cacheTTL": "cache-ttl", "max_site_size": "max-site-size", "trackers": "tracker",
		"no-dth":  "no-dht",
		"uplimit": "up-limit", "loglevel": "log-level", "metrics": "", "x": "", "": "", "an-unheard-of-setting": "",
	} {
		expected := ": did you mean " + want + "?"
		if want == "" {
			expected = ": `wtptui config show` lists all"
		}
		if got := didYouMean(word, known); got != expected {
			t.Errorf("%q%s, want%s", word, got, expected)
		}
	}
}

// The error of an unreadable file names it once, and the system's reason.
func TestUnreadableConfig(t *testing.T) {
	dir := t.TempDir() // Reading a folder as a file fails on every system.
	_, err := readConfigFile(dir, nil)
	want := "cannot read the settings in " + engine.Clean(dir) + ": "
	if msg := engine.Message(err); !strings.HasPrefix(msg, want) || strings.Count(msg, dir) != 1 {
		t.Errorf("got %q, want %q at its beginning", msg, want)
	}
}
