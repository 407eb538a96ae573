package main

import (
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A verb is the same whether it is the only one that is made for a command line or one of all.
func TestVerbByItself(t *testing.T) {
	all := testRoot(t)
	nowhere := environment{stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }}
	makers := commandMakers(newProgram(nowhere, &settings{}, nil))
	if len(makers)+len([]string{"help", "man", "completion"}) != len(all.Commands()) {
		t.Errorf("%d verbs are made, and the program has %d", len(makers), len(all.Commands()))
	}
	for _, m := range makers {
		s, err := defaultSettings()
		if err != nil {
			t.Fatal(err)
		}
		root := newProgram(nowhere, s, []string{m.name, "x"}).root()
		if n := len(root.Commands()); n != 1 {
			t.Errorf("%s: %d verbs are made", m.name, n)
		}
		alone, _, err := root.Find([]string{m.name})
		if err != nil || alone.Name() != m.name {
			t.Errorf("%s: %v is found, %v", m.name, alone.Name(), err)
			continue
		}
		one, _, err := all.Find([]string{m.name})
		if err != nil {
			t.Errorf("%s: %v", m.name, err)
			continue
		}
		if d := cmp.Diff(describeCommand(one), describeCommand(alone)); d != "" {
			t.Errorf("%s (-among all, +alone):\n%s", m.name, d)
		}
	}
}

// describeCommand returns what a person sees of a command and of those below it.
func describeCommand(cmd *cobra.Command) []string {
	lines := []string{cmd.UseLine(), cmd.Short, cmd.GroupID}
	cmd.InheritedFlags() // Now Flags has those, too.
	cmd.Flags().VisitAll(func(f *pflag.Flag) { lines = append(lines, "--"+f.Name+" "+f.DefValue+" "+f.Usage) })
	for _, sub := range cmd.Commands() {
		lines = append(lines, describeCommand(sub)...)
	}
	return lines
}
