package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/ui/keys"
)

const readme = "../../README.md"

// TestReadme keeps the parts of the README that the program knows better. go test -update writes them.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	screen, err := os.ReadFile("../../ui/testdata/main-120x36.golden")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	root := newProgram(system(), settings, nil).root()
	for name, want := range map[string]string{
		"screen": "```text\n" + string(screen) + "```\n",
		"verbs":  "```text\n" + describeVerbs(root) + "```\n",
		"flags":  describeFlags(root, settings),
		"keys":   keys.Markdown(),
		"nginx":  "```nginx\n" + peers.NginxProxyExample + "```\n",
		"caddy":  "```caddyfile\n" + peers.CaddyProxyExample + "```\n",
	} {
		begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
		before, rest, ok := strings.Cut(text, begin)
		got, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Errorf("the README has no place for the %s", name)
			continue
		}
		if got != want && !*update {
			t.Errorf("the README's %s are not the program's: go test ./cmd/wtptui -run TestReadme -update", name)
		}
		text = before + begin + want + end + after
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(readme, []byte(text), 0o644); err != nil { //nolint:gosec // It is for everybody to read.
			t.Fatal(err)
		}
	}
}

func describeVerbs(root *cobra.Command) string {
	lines := [][2]string{{"wtptui", "the dashboard"}}
	for _, group := range root.Groups() {
		for _, cmd := range root.Commands() {
			if cmd.GroupID != group.ID {
				continue
			}
			if cmd.HasSubCommands() {
				for _, sub := range cmd.Commands() {
					lines = append(lines, describeVerb(sub, root))
				}
				continue
			}
			lines = append(lines, describeVerb(cmd, root))
		}
	}
	const width = 38 // of the first column, which the longest verbs break
	var b strings.Builder
	for _, l := range lines {
		use := wrap(l[0], 110)
		if len(l[0]) > width {
			fmt.Fprintf(&b, "%s\n%*s  %s\n", use, width, "", l[1])
			continue
		}
		fmt.Fprintf(&b, "%-*s  %s\n", width, use, l[1])
	}
	return b.String()
}

// wrap breaks a line before a flag where it would exceed width.
func wrap(line string, width int) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Split(line, " [") {
		if i > 0 {
			word = " [" + word
		}
		if column+len(word) > width {
			b.WriteString("\n       ")
			column = 7
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}

// describeVerb leaves out the flags that are settings, which have a table of their own.
func describeVerb(cmd, root *cobra.Command) [2]string {
	use := strings.TrimSuffix(cmd.UseLine(), " [flags]")
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if setting := root.Flags().Lookup(f.Name); setting == nil || setting.Value.Type() != f.Value.Type() {
			use += " [--" + f.Name + "]"
		}
	})
	return [2]string{use, lowerFirst(cmd.Short)}
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// describeFlags leaves out the flags that are no settings: the dashboard's own.
func describeFlags(root *cobra.Command, settings *settings) string {
	var b strings.Builder
	b.WriteString("| flag | default | what it is |\n|---|---|---|\n")
	b.WriteString("| `--data-dir` | the system's folder for data | folder for everything that is kept |\n")
	root.Flags().VisitAll(func(f *pflag.Flag) {
		if !slices.ContainsFunc(settings.options(), func(o option) bool { return o.name == f.Name }) {
			return
		}
		def := "`" + f.DefValue + "`"
		if f.DefValue == "" || f.DefValue == "false" {
			def = ""
		}
		if f.Value.Type() == "url" {
			def = "see `cmd/wtptui/defaults.toml`"
		}
		fmt.Fprintf(&b, "| `--%s` | %s | %s |\n", f.Name, def, strings.ReplaceAll(f.Usage, "|", `\|`))
	})
	return b.String()
}
