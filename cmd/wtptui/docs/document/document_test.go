package document

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Blocks of every kind are the same after encoding and decoding.
func TestBlocksSurviveJSON(t *testing.T) {
	line := Line{{Text: "a ", Style: Strong}, {Text: "b", Link: "c.md#d"}, {Style: Break}}
	want := Blocks{
		Heading{2, line},
		Paragraph{line},
		Code{"a\n  b\n"},
		List{Start: 3, Tight: true, Items: []Blocks{
			{Paragraph{line}}, {Code{"c\n"}, List{Items: []Blocks{{Paragraph{line}}}}},
		}},
		Table{Head: []Line{line, nil}, Rows: [][]Line{{line, nil}}},
		Quote{Blocks{Paragraph{line}}},
		Definitions{{Term: line, Blocks: Blocks{Paragraph{line}}}},
	}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Blocks
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, wrong := range []string{`[{}]`, `[{"heading":1}]`, `{}`} {
		if err := json.Unmarshal([]byte(wrong), &got); err == nil {
			t.Errorf("%s is read", wrong)
		}
	}
}

// The first blocks are read whatever follows them.
func TestReadFirst(t *testing.T) {
	want := Blocks{Heading{1, Inline("a")}, Paragraph{Inline("b")}}
	written, err := json.Marshal(append(want, Code{"c\n"}))
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		cut := bytes.TrimSuffix(written, []byte("}]"))
		got, err := ReadFirst(bytes.NewReader(cut), n)
		if diff := cmp.Diff(want[:n], got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%d blocks: %v\n%s", n, err, diff)
		}
	}
	if got, err := ReadFirst(bytes.NewReader(written), 10); len(got) != 3 || err != nil {
		t.Errorf("%d of 3 blocks, %v", len(got), err)
	}
	for _, wrong := range []string{``, `[{}]`, `[{"heading":1}]`} {
		if _, err := ReadFirst(strings.NewReader(wrong), 1); err == nil {
			t.Errorf("%s is read", wrong)
		}
	}
}

func TestInline(t *testing.T) {
	for text, want := range map[string]Line{
		"":                 nil,
		"run `wtptui ls`.": {{Text: "run "}, {Text: "wtptui ls", Style: Literal}, {Text: "."}},
		"`a`":              {{Text: "a", Style: Literal}},
		"[--flags] *":      {{Text: "[--flags] *"}},
	} {
		if diff := cmp.Diff(want, Inline(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestTopicAndExternal(t *testing.T) {
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
