package docs

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/docs/document"
	"wtptui/cmd/wtptui/docs/markdown"
)

var update = flag.Bool("update", false, "write texts.json")

// TestTextsAreThoseOfTheMarkdownFiles compares texts.json with the Markdown files. With -update it writes the file,
// one text a line.
func TestTextsAreThoseOfTheMarkdownFiles(t *testing.T) {
	var want bytes.Buffer
	for i, name := range markdownFiles(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 120 && !strings.HasPrefix(line, "|") {
				t.Errorf("%s has a line of %d characters: %s", name, n, line)
			}
		}
		data, err := json.Marshal(markdown.Parse(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			want.WriteString("{\n")
		} else {
			want.WriteString(",\n")
		}
		want.WriteString(`"` + strings.TrimSuffix(name, ".md") + `": `)
		want.Write(data)
	}
	want.WriteString("\n}\n")
	if *update {
		if err := os.WriteFile("texts.json", want.Bytes(), 0o644); err != nil { // It is for everybody to read.
			t.Fatal(err)
		}
		texts = want.Bytes()
	}
	if !bytes.Equal(texts, want.Bytes()) {
		t.Error("texts.json is not what the Markdown files say: make generate")
	}
	for name := range textsByName() {
		if blocks, ok := findText(name); !ok || len(blocks) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
}

// markdownFiles returns the names of all texts.
func markdownFiles(t *testing.T) (names []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "verbs/*.md", "man/*.md"} {
		found, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	return names
}

// Each file is a topic, with a title and a summary.
func TestEachFileIsATopic(t *testing.T) {
	for _, name := range markdownFiles(t) {
		topic, ok := strings.CutSuffix(name, ".md")
		if ok && !strings.Contains(name, "/") && !slices.Contains(Topics, topic) {
			t.Errorf("%s is in no group", name)
		}
	}
	for _, topic := range Topics {
		blocks, ok := Topic(topic)
		if !ok || len(blocks) < 2 {
			t.Fatalf("%s is no text", topic)
		}
		heading, isHeading := blocks[0].(document.Heading)
		_, isText := blocks[1].(document.Paragraph)
		title, summary := Title(topic)
		if !isHeading || heading.Level != 1 || !isText || title == "" || !strings.HasSuffix(summary, ".") {
			t.Errorf("%s begins with %q: %q", topic, title, summary)
		}
	}
	if _, ok := Topic("verbs/publish"); ok {
		t.Error("the text of a verb is a topic")
	}
}

// Links lead to topics, to files of the source tree, or to other servers.
func TestLinksLeadToTopicsFilesOrServers(t *testing.T) {
	for _, topic := range Topics {
		blocks, _ := Topic(topic)
		for _, link := range linksIn(blocks) {
			to, ok := document.Topic(link)
			switch {
			case ok && !slices.Contains(Topics, to):
				t.Errorf("%s links to %s, which is no topic", topic, link)
			case ok || document.External(link) || strings.HasPrefix(link, "#"):
			default:
				if _, err := os.Stat(link); err != nil {
					t.Errorf("%s links to a file of the source: %v", topic, err)
				}
			}
		}
	}
}

func linksIn(blocks document.Blocks) (all []string) {
	addLinks := func(l document.Line) {
		for _, s := range l {
			if s.Link != "" {
				all = append(all, s.Link)
			}
		}
	}
	for _, b := range blocks {
		switch b := b.(type) {
		case document.Heading:
			addLinks(b.Text)
		case document.Paragraph:
			addLinks(b.Text)
		case document.Quote:
			all = append(all, linksIn(b.Blocks)...)
		case document.List:
			for _, item := range b.Items {
				all = append(all, linksIn(item)...)
			}
		case document.Table:
			for _, row := range append([][]document.Line{b.Head}, b.Rows...) {
				for _, cell := range row {
					addLinks(cell)
				}
			}
		}
	}
	return all
}

// The texts of man pages and verbs are found by the names that the program uses.
func TestManualsAndVerbsAreFound(t *testing.T) {
	for name, read := range map[string]func(string) (document.Blocks, bool){
		"wtptui": Manual, "wtptui-config": Manual, "": Verb, "keys new": Verb,
	} {
		if blocks, ok := read(name); !ok || len(blocks) == 0 {
			t.Errorf("%q is not there", name)
		}
	}
	if _, ok := Verb("nonsense"); ok {
		t.Error("there is a verb nonsense")
	}
}
