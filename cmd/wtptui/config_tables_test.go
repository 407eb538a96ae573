package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wtptui/cmd/wtptui/command"
	"wtptui/engine"
	"wtptui/ui/keys"
)

func TestConfigTables(t *testing.T) {
	s, err := configured(t, `
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
	if diff := cmp.Diff([]engine.Limits{{Label: "mirror", Down: 1 << 20, Up: 200 << 10}, {Label: "v1.2"}}, s.LabelLimits); diff != "" {
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
	for key, want := range map[string]keys.Action{"M": "commands.mirror", "f5": "commands.look", "d": "commands.look", "delete": keys.Evict} {
		for _, situation := range []string{"main", "page"} {
			if a, _ := m.Find(key, keys.Stacks()[situation]...); a != want {
				t.Errorf("%s on %s is %q, want %q", key, situation, a, want)
			}
		}
	}
	shown := map[string]any{}
	for _, x := range s.shownTables() {
		shown[x.Name] = x.Value
		if !strings.Contains(x.Where, "config.toml:") {
			t.Errorf("%s is from %q", x.Name, x.Where)
		}
	}
	if shown["labels.mirror.up"] != "200KiB" || shown["commands.look.screen"] != true {
		t.Errorf("shown: %v", shown)
	}
}

func TestConfigTablesAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		"[labels]":                                `:1: [labels] lacks a name`,
		"[tables.x]":                              `:1: there is no table "tables.x"`,
		"[[labels.x]]":                            `:1: there is no table`,
		"[labels.x]\nup = 'fast'":                 `:2: up: `,
		"[labels.x]\nleft = '1'":                  `:2: there is no "left" in [labels.NAME]: it has down, up`,
		"[labels.x]\ncache-ttl = '1h'":            `:2: cache-ttl is a setting: write it above all tables`,
		"[labels.'x y']":                          `no spaces`,
		"[labels.x]\n[labels.x]":                  `:2: [labels.x] stands here twice`,
		"[labels.x]\n[labels.X]":                  `:2: [labels.X] stands here twice`,
		"[commands.x]\nkey = 'M'":                 `:1: [commands.x] has nothing to run`,
		"[commands.x]\nrun = []":                  `:2: run: the list begins with a program`,
		"[commands.x]\nrun = ' '":                 `:2: run: the text is empty`,
		"[commands.x]\nrun = 'a\\u0000'":          ``,
		"[commands.x]\nrun = [1]":                 `:2: run: the list should hold texts only`,
		"[commands.x]\nrun = 'a'\nscreen = 'so'":  `:3: screen: `,
		"[commands.x]\nrun = 'a'\nrun = 'b'":      `:3: run is set twice`,
		"[commands.'x y']\nrun = 'a'":             `a command's name has`,
		"[commands.x]\nrun = 'a'\nkey = 'p'":      `:3: "p" means pin and commands.x: give one of them another key`,
		"[commands.x]\nrun = 'a'\nkey = 'ctrl+m'": `:3: commands.x: a terminal cannot tell ctrl+m`,
		"[commands.x]\nrun = 'a'\nkey = 'f5'\n[commands.y]\nrun = 'a'\nkey = 'f5'": `"f5" means commands.x and commands.y`,
		"[keys]\npin = ['f5']\n[commands.x]\nrun = 'a'\nkey = 'f5'":                `:2: "f5" means pin and commands.x`,
	} {
		_, err := configured(t, text, nil)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(engine.Message(err), want)):
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
