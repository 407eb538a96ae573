package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wtptui/cmd/wtptui/command"
	"wtptui/engine"
	"wtptui/ui/keys"
)

func TestConfigTables(t *testing.T) {
	s, err := loadSettings(t, `
cache-ttl = "3m"
[labels.Mirror]
down = "1MiB"
up = "200KiB"
[keys]
evict = ["delete"]
[commands.mirror]
key = "M"
run = ["rsync", "-a", "$HOME"]
help = "copy it to the backup"
[labels."v1.2"]
up = "none"
[commands.look]
run = "ls -l \"$WTPTUI_PATH\" | less"
screen = true
key = ["f5", "d"]
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantLimits := []engine.Limits{{Label: "mirror", Down: 1 << 20, Up: 200 << 10}, {Label: "v1.2"}}
	if diff := cmp.Diff(wantLimits, s.LabelLimits); diff != "" {
		t.Error(diff)
	}
	want := []ownCommand{
		{
			name: "mirror", keys: []string{"M"}, run: command.Command{Argv: []string{"rsync", "-a", "$HOME"}},
			help: "copy it to the backup",
		},
		{name: "look", keys: []string{"f5", "d"}, run: command.Command{Shell: `ls -l "$WTPTUI_PATH" | less`}, screen: true},
	}
	if diff := cmp.Diff(want, s.Commands, cmp.AllowUnexported(ownCommand{})); diff != "" {
		t.Error(diff)
	}
	m, err := s.keyMap()
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]keys.Action{
		"M": "commands.mirror", "f5": "commands.look", "d": "commands.look", "delete": keys.Evict,
	} {
		for _, situation := range []string{"main", "page"} {
			if a, _ := m.ActionOf(key, keys.Stacks()[situation]...); a != want {
				t.Errorf("%s on %s is %q, want %q", key, situation, a, want)
			}
		}
	}
	shown := map[string]any{}
	for _, x := range s.list(false, func(string) string { return "" }) {
		if shown[x.Name] = x.Value; !strings.Contains(x.Name, ".") {
			continue // a setting
		}
		if !strings.Contains(x.Where, "config.toml:") {
			t.Errorf("%s is from %q", x.Name, x.Where)
		}
	}
	if shown["labels.mirror.up"] != "200KiB" || shown["commands.look.screen"] != true {
		t.Errorf("shown: %v", shown)
	}
}

// Schedules in the order of the file, goals, and limits on connections.
func TestConfigRules(t *testing.T) {
	s, err := loadSettings(t, `
seed-ratio = 2
seed-time = "720h"
max-connections = 200
max-connections-per-site = 20
[schedules.office]
days = ["mon-thu", "fri"]
from = "08:00"
to = "18:30"
up = "100KB/s"
down = "none"
[labels.archive]
seed-ratio = 1.5
[labels.mirror]
up = "1MB"
seed-time = "48h"
[schedules.night]
from = "23:00"
to = "06:00"
paused = true
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	week := [7]bool{false, true, true, true, true, true, false}
	if diff := cmp.Diff(engine.Schedules{
		{Name: "office", Days: week, From: 8 * time.Hour, To: 18*time.Hour + 30*time.Minute, Up: 100_000},
		{
			Name: "night", From: 23 * time.Hour, To: 6 * time.Hour,
			Down: engine.LimitUnchanged, Up: engine.LimitUnchanged, Paused: true,
		},
	}, s.Schedules); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]engine.Goals{
		{Ratio: 2, Time: 30 * 86400}, {Label: "archive", Ratio: 1.5}, {Label: "mirror", Time: 2 * 86400},
	}, s.rules().Goals); diff != "" {
		t.Error(diff)
	}
	if s.MaxConns != 200 || s.MaxConnsEach != 20 {
		t.Errorf("%d connections, %d of a site", s.MaxConns, s.MaxConnsEach)
	}
	shown := map[string]any{}
	for _, x := range s.list(false, func(string) string { return "" }) {
		shown[x.Name] = x.Value
	}
	for name, want := range map[string]any{
		"schedules.office.days": []string{"mon", "tue", "wed", "thu", "fri"}, "schedules.office.from": "08:00",
		"schedules.office.to": "18:30", "schedules.office.up": "100000", "schedules.office.down": "none",
		"schedules.office.paused": nil, "schedules.night.up": nil, "schedules.night.paused": true,
		"schedules.night.days": []string{},
		"seed-ratio":           2.0, "labels.archive.seed-ratio": 1.5, "labels.mirror.seed-time": "48h",
		"max-connections": 200,
	} {
		if diff := cmp.Diff(want, shown[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestConfigTablesAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		"[labels]":                `:1: [labels] lacks a name`,
		"[tables.x]":              `:1: there is no table "tables.x"`,
		"[[labels.x]]":            `:1: there is no table`,
		"[labels.x]\nup = 'fast'": `:2: up: `,

		"[labels.x]\nleft = '1'":       `:2: there is no "left" in [labels.NAME]: it has down, up, seed-ratio, seed-time`,
		"[labels.x]\nseed-ratio = -1":  `:2: seed-ratio: "-1" is not a ratio`,
		"[labels.x]\nseed-time = '1s'": `:2: seed-time: 1s is too short`,

		"[schedules]":                   `:1: [schedules] lacks a name`,
		"[schedules.x]\ndown = 'none'":  ``,
		"[schedules.x]\nfrom = '08:00'": `:1: [schedules.x]: the schedule changes nothing`,

		"[schedules.x]\nup = 1\npaused = true": `:1: [schedules.x]: nothing is sent or fetched while all is paused`,
		"[schedules.x]\nup = 1\nfrom = '8'":    `:3: from: "8" is not a time of the day`,
		"[schedules.x]\nup = 1\nto = '24:00'":  `:3: to: "24:00" is not a time of the day`,
		"[schedules.x]\nup = 1\ndays = ['Mo']": `:3: days: "Mo" is not a day: give mon, tue`,
		"[schedules.x]\nup-limit = 1":          `:2: up-limit is a setting`,

		"[schedules.x]\nleft = 1": `:2: there is no "left" in [schedules.NAME]: it has days, from`,

		"[schedules.'" + strings.Repeat("x", 25) + "']\nup = 1": `:1: the name of a schedule is 1 to 24 characters`,
		"[schedules.x]\nup = 1\n[schedules.x]":                  `:3: [schedules.x] appears twice`,

		"[labels.x]\ncache-ttl = '1h'":           `:2: cache-ttl is a setting: move it above all tables`,
		"[labels.'x y']":                         `no spaces`,
		"[labels.x]\n[labels.x]":                 `:2: [labels.x] appears twice`,
		"[labels.x]\n[labels.X]":                 `:2: [labels.X] appears twice`,
		"[commands.x]\nkey = 'M'":                `:1: [commands.x] has nothing to run`,
		"[commands.x]\nrun = []":                 `:2: run: the list must begin with a program`,
		"[commands.x]\nrun = ' '":                `:2: run: the text is empty`,
		"[commands.x]\nrun = 'a\\u0000'":         ``,
		"[commands.x]\nrun = [1]":                `:2: run: the list should hold texts only`,
		"[commands.x]\nrun = 'a'\nscreen = 'so'": `:3: screen: `,
		"[commands.x]\nrun = 'a'\nrun = 'b'":     `:3: run is set twice`,
		"[commands.'x y']\nrun = 'a'":            `a command's name has`,

		"[commands.x]\nrun = 'a'\nkey = 'p'":      `:3: "p" means pin and commands.x: give one of them another key`,
		"[commands.x]\nrun = 'a'\nkey = 'ctrl+m'": `:3: commands.x: a terminal cannot tell ctrl+m`,

		"[commands.x]\nrun = 'a'\nkey = 'f5'\n[commands.y]\nrun = 'a'\nkey = 'f5'": `"f5" means commands.x and commands.y`,
		"[keys]\npin = ['f5']\n[commands.x]\nrun = 'a'\nkey = 'f5'":                `:2: "f5" means pin and commands.x`,
	} {
		_, err := loadSettings(t, text, nil)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(engine.Message(err), want)):
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
