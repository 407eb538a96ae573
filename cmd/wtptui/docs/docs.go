package docs

import (
	"embed"
	"strings"
)

//go:embed *.md verbs/*.md man/*.md
var files embed.FS

// Group is some topics of one kind.
type Group struct {
	Title  string
	Topics []string
}

// Groups are all topics, in the order in which they are best read.
var Groups = []Group{
	{"Guides", []string{"readers", "owners", "archivists", "operators"}},
	{"Reference", []string{"keys", "verbs", "settings", "json", "metrics", "control"}},
	{"Background", []string{"protocol", "security", "troubleshooting"}},
}

// Topics are the names of all texts, in the order of the groups.
var Topics = topics()

func topics() (all []string) {
	for _, g := range Groups {
		all = append(all, g.Topics...)
	}
	return all
}

// Markdown returns the text of a topic, and reports whether there is one of that name.
func Markdown(topic string) (string, bool) { return read(topic + ".md") }

// Verb returns what a verb does, and reports whether that is written: paragraphs, and then a section Examples with a block
// of code. The path is what a person types after wtptui, such as "keys new"; empty for the program itself.
func Verb(path string) (string, bool) {
	if path == "" {
		path = "wtptui"
	}
	return read("verbs/" + strings.ReplaceAll(path, " ", "-") + ".md")
}

// Manual returns the parts of a man page that the program does not know itself. Sections without a text are its to fill.
func Manual(page string) (string, bool) { return read("man/" + page + ".md") }

func read(name string) (string, bool) {
	text, err := files.ReadFile(name)
	return string(text), err == nil
}

// Title returns the title of a topic, and its summary, which is one sentence.
func Title(topic string) (title, summary string) {
	text, _ := Markdown(topic)
	title, text, _ = strings.Cut(text, "\n")
	summary, _, _ = strings.Cut(strings.TrimSpace(text), "\n\n")
	return strings.TrimPrefix(title, "# "), strings.Join(strings.Fields(summary), " ")
}
