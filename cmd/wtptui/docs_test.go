package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/docs"
	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/ui/keys"
)

const (
	docsDir = "docs"
	readme  = "../../README.md"
)

// TestDocs compares the generated parts of the documentation with the program. `make generate` writes them.
func TestDocs(t *testing.T) {
	settings, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	root := newProgram(processEnvironment(), settings, nil).root()
	for _, part := range []struct{ topic, name, want string }{
		{"keys", "keys", keys.Markdown()},
		{"verbs", "verbs", describeVerbs(root)},
		{"settings", "settings", listSettings(t, settings)},
		{"settings", "tables", listTables()},
		{"json", "schemas", describeSchemas(t)},
		{"metrics", "metrics", describeMetrics(t)},
		{"metrics", "alerts", describeAlerts(t)},
		{"operators", "nginx", "```nginx\n" + peers.NginxProxyExample + "```\n"},
		{"operators", "caddy", "```caddyfile\n" + peers.CaddyProxyExample + "```\n"},
	} {
		file := docFile(part.topic)
		text := readDoc(t, file)
		begin, end := "<!-- "+part.name+":begin -->\n", "<!-- "+part.name+":end -->"
		before, rest, ok := strings.Cut(text, begin)
		got, after, ok2 := strings.Cut(rest, end)
		want := part.want
		switch {
		case !ok || !ok2:
			t.Errorf("%s has no place for the %s", file, part.name)
		case got == want:
		case *update:
			writeDoc(t, file, before+begin+want+end+after)
		default:
			t.Errorf("%s: the %s are not the program's: make generate", file, part.name)
		}
	}
}

// TestDocsForm checks what the list of topics and the renderers of the documentation rely on.
func TestDocsForm(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(docsDir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if topic := strings.TrimSuffix(filepath.Base(file), ".md"); !slices.Contains(docs.Topics, topic) {
			t.Errorf("%s is not among the topics", file)
		}
	}
	for _, topic := range docs.Topics {
		text := readDoc(t, docFile(topic))
		lines := strings.SplitN(text, "\n", 6)
		if len(lines) < 5 || !strings.HasPrefix(lines[0], "# ") || lines[1] != "" || lines[3] != "" ||
			!strings.HasSuffix(lines[2], ".") || strings.Contains(lines[2], ". ") {
			t.Errorf("%s does not begin with a title and a sentence of one line", docFile(topic))
		}
		if strings.Contains(text, "![") {
			t.Errorf("%s has a picture, which a terminal cannot show", docFile(topic))
		}
	}
	if lines := strings.Count(readDoc(t, readme), "\n"); lines > 200 {
		t.Errorf("the README has %d lines: it is for the first hour, and 200 are enough", lines)
	}
	for _, file := range linkingTexts() {
		fenced := false
		for i, line := range strings.Split(readDoc(t, file), "\n") {
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			// Rows of tables cannot be broken.
			if n := len([]rune(line)); n > 120 && !strings.HasPrefix(line, "|") {
				t.Errorf("%s:%d has %d characters", file, i+1, n)
			}
			if !fenced && strings.HasPrefix(line, "<") && !strings.HasPrefix(line, "<!-- ") {
				t.Errorf("%s:%d is HTML", file, i+1)
			}
		}
	}
}

// The README has a picture above its first section, a section for each of the first steps, and links to all topics and
// to the documents for developers.
func TestReadmeLeadsToEverything(t *testing.T) {
	t.Parallel()
	text := readDoc(t, readme)
	introduction, _, _ := strings.Cut(text, "\n## ")
	if !strings.Contains(introduction, "\n![") {
		t.Error("it begins without a picture")
	}
	for _, section := range []string{
		"Run it", "The first minute", "Publish a site", "Keep a site", "For people without wtptui", "Read on", "Licence",
	} {
		if !strings.Contains(text, "\n## "+section+"\n") {
			t.Errorf("it has no section %q", section)
		}
	}
	links := linksOf(t, readme)
	for _, topic := range docs.Topics {
		if to := "cmd/wtptui/docs/" + topic + ".md"; !slices.Contains(links, to) {
			t.Errorf("it does not lead to %s", to)
		}
	}
	for _, to := range append(forDevelopers, "LICENSE", "cmd/wtptui/packaging/README.md") {
		if !slices.Contains(links, to) {
			t.Errorf("it does not lead to %s", to)
		}
	}
}

// documentation returns the files of all topics, and the README.
func documentation() []string {
	files := []string{readme}
	for _, topic := range docs.Topics {
		files = append(files, docFile(topic))
	}
	return files
}

func docFile(topic string) string { return filepath.Join(docsDir, topic+".md") }

func readDoc(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func writeDoc(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil { // It is for everybody to read.
		t.Fatal(err)
	}
}
