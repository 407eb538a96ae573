package docs

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/docs/document"
)

// Each text has a title and a summary, and is one of the topics.
func TestTopics(t *testing.T) {
	names, err := fs.Glob(files, "*.md")
	if err != nil || len(names) != len(Topics) {
		t.Errorf("%d files and %d topics, %v", len(names), len(Topics), err)
	}
	for _, topic := range Topics {
		text, ok := Markdown(topic)
		blocks := document.Parse(text)
		if !ok || len(blocks) < 2 {
			t.Fatalf("%s is no text", topic)
		}
		heading, isHeading := blocks[0].(document.Heading)
		summary, isText := blocks[1].(document.Paragraph)
		if !isHeading || heading.Level != 1 || !isText {
			t.Fatalf("%s begins with %+v", topic, blocks[:2])
		}
		title, sentence := Title(topic)
		if heading.Text.String() != title || document.ParseLine(sentence).String() != summary.Text.String() ||
			!strings.HasSuffix(sentence, ".") {
			t.Errorf("%s is called %q: %q", topic, title, sentence)
		}
	}
}

// Links lead to topics, to files of the source, or to other servers.
func TestLinks(t *testing.T) {
	for _, topic := range Topics {
		text, _ := Markdown(topic)
		for _, link := range links(document.Parse(text)) {
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

func links(blocks []document.Block) (all []string) {
	of := func(l document.Line) {
		for _, s := range l {
			if s.Link != "" {
				all = append(all, s.Link)
			}
		}
	}
	for _, b := range blocks {
		switch b := b.(type) {
		case document.Heading:
			of(b.Text)
		case document.Paragraph:
			of(b.Text)
		case document.Quote:
			all = append(all, links(b.Blocks)...)
		case document.List:
			for _, item := range b.Items {
				all = append(all, links(item)...)
			}
		case document.Table:
			for _, row := range append([][]document.Line{b.Head}, b.Rows...) {
				for _, cell := range row {
					of(cell)
				}
			}
		}
	}
	return all
}

// What is written for man pages and verbs is found under the names that the program asks for.
func TestOtherTexts(t *testing.T) {
	for name, read := range map[string]func(string) (string, bool){"wtptui": Manual, "wtptui-config": Manual, "": Verb, "keys new": Verb} {
		if text, ok := read(name); !ok || text == "" {
			t.Errorf("%q is not there", name)
		}
	}
	if _, ok := Verb("nonsense"); ok {
		t.Error("there is a verb nonsense")
	}
}
