package markdown

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wtptui/cmd/wtptui/docs/document"
)

func TestParse(t *testing.T) {
	plain := func(s string) document.Line { return document.Line{{Text: s}} }
	paragraph := func(s string) document.Blocks { return document.Blocks{document.Paragraph{Text: plain(s)}} }
	for markdown, want := range map[string]document.Blocks{
		"# A `b` *c*": {document.Heading{Level: 1, Text: document.Line{
			{Text: "A "}, {Text: "b", Style: document.Literal}, {Text: " "}, {Text: "c", Style: document.Emphasis},
		}}},
		"one\ntwo \\* &lt; `a\\*`\n": {document.Paragraph{Text: document.Line{
			{Text: "one two * < "}, {Text: `a\*`, Style: document.Literal},
		}}},
		"`a\nb`": {document.Paragraph{Text: document.Line{{Text: "a b", Style: document.Literal}}}},
		"a\\\nb": {document.Paragraph{Text: document.Line{{Text: "a"}, {Style: document.Break}, {Text: "b"}}}},
		"**a**[b *c*](d.md#e)": {document.Paragraph{Text: document.Line{
			{Text: "a", Style: document.Strong},
			{Text: "b ", Link: "d.md#e"},
			{Text: "c", Style: document.Emphasis, Link: "d.md#e"},
		}}},
		"<https://a.example/>": {document.Paragraph{Text: document.Line{
			{Text: "https://a.example/", Link: "https://a.example/"},
		}}},
		"![a](b.png)":      {document.Paragraph{Text: plain("a")}},
		"    a\n\n    b\n": {document.Code{Text: "a\n\nb\n"}},
		"```sh\n  a\n```":  {document.Code{Text: "  a\n"}},
		"- a\n- b":         {document.List{Tight: true, Items: []document.Blocks{paragraph("a"), paragraph("b")}}},
		"3. a\n\n4. b":     {document.List{Start: 3, Items: []document.Blocks{paragraph("a"), paragraph("b")}}},
		"> a":              {document.Quote{Blocks: paragraph("a")}},
		"<!-- x -->\n| a | b |\n|---|---|\n| c | `d\\|e` |\n<!-- y -->\n": {document.Table{
			Head: []document.Line{plain("a"), plain("b")},
			Rows: [][]document.Line{{plain("c"), {{Text: "d|e", Style: document.Literal}}}},
		}},
		"a <!-- b --> c\n\n<p>\n\n***\n": {document.Paragraph{Text: plain("a  c")}},
	} {
		if diff := cmp.Diff(want, Parse(markdown)); diff != "" {
			t.Errorf("%q: %s", markdown, diff)
		}
	}
}

// The sample has every kind of block.
func TestSampleHasEveryKindOfBlock(t *testing.T) {
	text, err := os.ReadFile("testdata/sample.md")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, b := range Parse(string(text)) {
		switch b.(type) {
		case document.Heading:
			kinds["heading"] = true
		case document.Paragraph:
			kinds["paragraph"] = true
		case document.Code:
			kinds["code"] = true
		case document.List:
			kinds["list"] = true
		case document.Table:
			kinds["table"] = true
		case document.Quote:
			kinds["quote"] = true
		}
	}
	if len(kinds) != 6 {
		t.Errorf("it has only %v", kinds)
	}
}
