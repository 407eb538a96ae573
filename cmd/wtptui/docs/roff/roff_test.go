package roff

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/docs/document"
	"wtptui/cmd/wtptui/docs/markdown"
	"wtptui/cmd/wtptui/e2e/peers"
)

var update = flag.Bool("update", false, "write the expected texts")

var header = Header{Name: "SAMPLE", Section: 7, Date: "2026-01-02", Source: "wtptui 1", Manual: "Manual"}

func sample(t *testing.T) []document.Block {
	t.Helper()
	text, err := os.ReadFile("../markdown/testdata/sample.md")
	if err != nil {
		t.Fatal(err)
	}
	flags := document.Definitions{
		{
			Term:   document.Line{{Text: "--json", Style: document.Strong}},
			Blocks: markdown.Parse("Print JSON.\n\nOne document.\n\n- a\n- b\n\nThe end."),
		},
		{Term: document.Text("--nothing")},
	}
	return append(markdown.Parse(string(text)), flags)
}

func TestSampleLooksAsExpected(t *testing.T) {
	const path = "testdata/sample.7"
	got := Page(header, sample(t))
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("it is not what is written; go test -update writes:\n%s", got)
	}
}

// mandoc has nothing to complain about.
func TestMandocAcceptsTheSample(t *testing.T) {
	peers.Require(t, peers.MandocTool)
	cmd := exec.CommandContext(t.Context(), "mandoc", "-Tlint", "-W", "warning")
	cmd.Stdin = strings.NewReader(Page(header, sample(t)))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestInlineText(t *testing.T) {
	for text, want := range map[string]string{
		".SH no request":               `\&.SH no request`,
		"'no request":                  `\(aqno request`,
		`a \\ b`:                       `a \e b`,
		"a well-kept --flag (-h)":      `a well-kept \-\-flag (\-h)`,
		"`a-b` *c* **d**":              `\fBa\-b\fR \fIc\fR \fBd\fR`,
		"[a](https://a.example/b-c) d": `a \(lahttps://a.example/b\-c\(ra d`,
		"<https://a.example/>":         `https://a.example/`,
		"[keys](keys.md)":              `keys`,
		"one\ntwo":                     `one two`,
		"one\\\n.two":                  "one\n.br\n\\&.two",
	} {
		if got := inlineText(paragraph(text)); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// paragraph returns the running text of a paragraph.
func paragraph(text string) document.Line {
	p, _ := markdown.Parse(text)[0].(document.Paragraph)
	return p.Text
}
