package main

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A verb on another machine gets all flags except those that select the machine.
func TestChangedFlags(t *testing.T) {
	for line, want := range map[string][]string{
		"pin --attach ssh://h --from /l.txt --follow --max-size 5G": {"--follow=true", "--from=/l.txt", "--max-size=5GiB"},
		"publish --on nas --watch --keep a,b --keep -c --hook x'y /srv/a": {
			"--hook=x'y", "--keep=a,b", "--keep=-c", "--watch=true",
		},
		"pin --lists --json --data-dir /d": {"--json=true", "--lists=true"},
	} {
		s, err := defaultSettings()
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(line)
		p := newProgram(environment{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}, s, words)
		cmd, rest, err := p.root().Find(words)
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, changedFlags(cmd)); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
	}
}
