package document

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	plain := func(s string) Line { return Line{{Text: s}} }
	paragraph := func(s string) []Block { return []Block{Paragraph{plain(s)}} }
	for markdown, want := range map[string][]Block{
		"# A `b` *c*":                {Heading{1, Line{{Text: "A "}, {Text: "b", Style: Literal}, {Text: " "}, {Text: "c", Style: Emphasis}}}},
		"one\ntwo \\* &lt; `a\\*`\n": {Paragraph{Line{{Text: "one two * < "}, {Text: `a\*`, Style: Literal}}}},
		"`a\nb`":                     {Paragraph{Line{{Text: "a b", Style: Literal}}}},
		"a\\\nb":                     {Paragraph{Line{{Text: "a"}, {Style: Break}, {Text: "b"}}}},
		"**a**[b *c*](d.md#e)": {Paragraph{Line{
			{Text: "a", Style: Strong}, {Text: "b ", Link: "d.md#e"}, {Text: "c", Style: Emphasis, Link: "d.md#e"},
		}}},
		"<https://a.example/>": {Paragraph{Line{{Text: "https://a.example/", Link: "https://a.example/"}}}},
		"![a](b.png)":          {Paragraph{plain("a")}},
		"    a\n\n    b\n":     {Code{"a\n\nb\n"}},
		"```sh\n  a\n```":      {Code{"  a\n"}},
		"- a\n- b":             {List{Tight: true, Items: [][]Block{paragraph("a"), paragraph("b")}}},
		"3. a\n\n4. b":         {List{Start: 3, Items: [][]Block{paragraph("a"), paragraph("b")}}},
		"> a":                  {Quote{paragraph("a")}},
		"<!-- x -->\n| a | b |\n|---|---|\n| c | `d\\|e` |\n<!-- y -->\n": {Table{
			Head: []Line{plain("a"), plain("b")},
			Rows: [][]Line{{plain("c"), {{Text: "d|e", Style: Literal}}}},
		}},
		"a <!-- b --> c\n\n<p>\n\n***\n": {Paragraph{plain("a  c")}},
	} {
		if diff := cmp.Diff(want, Parse(markdown)); diff != "" {
			t.Errorf("%q: %s", markdown, diff)
		}
	}
}

func TestParseLine(t *testing.T) {
	for text, want := range map[string]string{
		"run `wtptui`":                    "run wtptui",
		"ssh://user@host[:port][/folder]": "ssh://user@host[:port][/folder]",
		"- no list":                       "- no list",
		"":                                "",
	} {
		if got := ParseLine(text).String(); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestLinks(t *testing.T) {
	for link, want := range map[string]struct {
		topic    string
		external bool
	}{
		"settings.md":            {topic: "settings"},
		"./settings.md#listen":   {topic: "settings"},
		"#here":                  {},
		"../README.md":           {},
		"picture.png":            {},
		"https://a.example/":     {external: true},
		"https://a.example/b.md": {external: true},
		"mailto:a@b.example":     {external: true},
		"":                       {},
	} {
		topic, ok := Topic(link)
		if !ok {
			topic = ""
		}
		if topic != want.topic || External(link) != want.external {
			t.Errorf("%q leads to the topic %q, to another server %t", link, topic, External(link))
		}
	}
}

// The sample has every kind of block.
func TestSample(t *testing.T) {
	text, err := os.ReadFile("testdata/sample.md")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, b := range Parse(string(text)) {
		switch b.(type) {
		case Heading:
			kinds["heading"] = true
		case Paragraph:
			kinds["paragraph"] = true
		case Code:
			kinds["code"] = true
		case List:
			kinds["list"] = true
		case Table:
			kinds["table"] = true
		case Quote:
			kinds["quote"] = true
		}
	}
	if len(kinds) != 6 {
		t.Errorf("it has only %v", kinds)
	}
}
