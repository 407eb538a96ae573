package docs

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"strings"
	"sync"

	"wtptui/cmd/wtptui/docs/document"
)

// texts has the contents of the Markdown files, by their names without .md.
//
//go:embed texts.json
var texts []byte

// textsByName returns all texts, each still as JSON: few runs of the program need one of them.
var textsByName = sync.OnceValue(func() map[string]json.RawMessage {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(texts, &all); err != nil {
		panic("docs: texts.json: " + err.Error()) // A test has parsed it.
	}
	return all
})

// Group is a group of topics.
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

// Topics are the names of all topics, in the order of the groups.
var Topics = topicNames()

func topicNames() (all []string) {
	for _, g := range Groups {
		all = append(all, g.Topics...)
	}
	return all
}

// Topic returns the text of a topic, and reports whether the topic exists.
func Topic(name string) (document.Blocks, bool) {
	if strings.Contains(name, "/") {
		return nil, false
	}
	return findText(name)
}

// Verb returns the description of a verb, and reports whether there is one: paragraphs, and then a section Examples
// with a block of code. The path is what a person types after wtptui, such as "keys new"; empty for the program
// itself.
func Verb(path string) (document.Blocks, bool) {
	if path == "" {
		path = "wtptui"
	}
	return findText("verbs/" + strings.ReplaceAll(path, " ", "-"))
}

// Manual returns the parts of a man page that the program cannot generate. The program fills the sections without a
// text.
func Manual(page string) (document.Blocks, bool) { return findText("man/" + page) }

func findText(name string) (blocks document.Blocks, ok bool) {
	data, ok := textsByName()[name]
	if !ok {
		return nil, false
	}
	if err := json.Unmarshal(data, &blocks); err != nil {
		panic("docs: " + name + ": " + err.Error()) // A test has parsed it.
	}
	return blocks, true
}

// Title returns the title of a topic, and its summary, which is one sentence.
func Title(topic string) (title, summary string) {
	start, err := document.ReadFirst(bytes.NewReader(textsByName()[topic]), 2)
	if err != nil {
		return "", "" // There is no such topic.
	}
	for _, b := range start {
		switch b := b.(type) {
		case document.Heading:
			title = b.Text.String()
		case document.Paragraph:
			summary = b.Text.String()
		}
	}
	return title, summary
}
