package main

import (
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/cmd/wtptui/docs"
	"wtptui/cmd/wtptui/docs/terminal"
)

// testRoot returns the root command.
func testRoot(t *testing.T) *cobra.Command {
	t.Helper()
	settings, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	nowhere := environment{stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }}
	return newProgram(nowhere, settings, nil).root()
}

// visibleVerbs returns all verbs that the help shows, and the root command.
func visibleVerbs(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if isShown(sub) {
			all = append(all, visibleVerbs(sub)...)
		}
	}
	return all
}

// Each verb has a text with valid examples, and each text belongs to a verb. Except for examples, no line is wider than
// the given width.
func TestVerbTexts(t *testing.T) {
	root := testRoot(t)
	written, err := fs.Glob(os.DirFS("docs"), "verbs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	all := visibleVerbs(root)
	if len(written) != len(all) {
		t.Errorf("%d texts for %d verbs", len(written), len(all))
	}
	for _, cmd := range all {
		if _, ok := docs.Verb(verbPath(cmd)); !ok {
			t.Errorf("%q has no text in docs/verbs", verbPath(cmd))
			continue
		}
		_, examples := verbText(cmd)
		if examples == "" {
			t.Errorf("%q has no example", verbPath(cmd))
		}
		checkExamples(t, root, examples)
		for _, width := range []int{60, 80, 100} {
			for line := range strings.Lines(terminal.Renderer{Width: width}.Render(verbPage(cmd))) {
				line = strings.TrimSuffix(line, "\n")
				text := strings.TrimSpace(line)
				if ansi.StringWidth(line) > width && !strings.Contains(examples, text) && strings.Contains(text, " ") {
					t.Errorf("%q at width %d: %s", verbPath(cmd), width, line)
				}
			}
		}
	}
}

// checkExamples checks that the verbs and flags in examples exist.
func checkExamples(t *testing.T, root *cobra.Command, examples string) {
	t.Helper()
	ends := func(r rune) bool { return strings.ContainsRune("\n|<>()&", r) }
	for _, command := range strings.FieldsFunc(examples, ends) {
		words := strings.Fields(command)
		program := slices.Index(words, "wtptui")
		if program < 0 || words[0] == "#" {
			continue
		}
		words = words[program+1:]
		isFlag := func(word string) bool { return strings.HasPrefix(word, "--") }
		verb := slices.IndexFunc(words, func(word string) bool {
			found, _, err := root.Find([]string{word})
			return err == nil && found != root
		})
		cmd := root
		if verb >= 0 {
			cmd, _, _ = root.Find(slices.DeleteFunc(slices.Clone(words[verb:]), isFlag)) // It was found above.
		}
		if cmd == root && len(words) > 0 {
			t.Errorf("%q: there is no such verb", command)
		}
		for _, word := range words {
			name, _, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
			known := func(flags *pflag.FlagSet) bool { return flags.Lookup(name) != nil }
			if isFlag(word) && !known(cmd.LocalFlags()) && !known(cmd.InheritedFlags()) {
				t.Errorf("%q: there is no flag %s", command, word)
			}
		}
	}
}

// TestShadowedTopics promises that shadowedTopics has all topics whose name is that of a verb.
func TestShadowedTopics(t *testing.T) {
	var clashes []string
	for _, cmd := range testRoot(t).Commands() {
		if slices.Contains(docs.Topics, cmd.Name()) {
			clashes = append(clashes, cmd.Name())
		}
		if cmd.Name() == topicWord {
			t.Errorf("a verb is called %s", topicWord)
		}
	}
	if !slices.Equal(clashes, shadowedTopics) {
		t.Errorf("verbs and topics: %v, but %v are known", clashes, shadowedTopics)
	}
}

// Each flag with a value has a placeholder for it.
func TestValueNames(t *testing.T) {
	names := map[string]bool{}
	for _, cmd := range visibleVerbs(testRoot(t)) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			names[f.Name] = true
			if !f.Hidden && valueName(f) == "TEXT" {
				t.Errorf("%q --%s: its value has no name", verbPath(cmd), f.Name)
			}
		})
	}
	for name := range valueNames {
		if !names[name] {
			t.Errorf("there is no flag --%s", name)
		}
	}
}
