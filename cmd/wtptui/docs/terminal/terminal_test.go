package terminal

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"wtptui/cmd/wtptui/docs/document"
	"wtptui/cmd/wtptui/docs/markdown"
)

var update = flag.Bool("update", false, "write the expected texts")

func sample(t *testing.T) []document.Block {
	t.Helper()
	text, err := os.ReadFile("../markdown/testdata/sample.md")
	if err != nil {
		t.Fatal(err)
	}
	return markdown.Parse(string(text))
}

func command(topic string) string { return "wtptui help " + topic }

// The sample looks as in testdata, in colour where the name says so.
func TestSampleLooksAsExpected(t *testing.T) {
	for name, r := range map[string]Renderer{
		"sample-60.txt":        {Width: 60, Command: command},
		"sample-100.txt":       {Width: 100, Command: command},
		"sample-100-color.txt": {Width: 100, Color: true, Command: command},
	} {
		got := r.Render(sample(t))
		path := filepath.Join("testdata", name)
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
			t.Errorf("%s is not what is written; go test -update writes:\n%s", name, got)
		}
	}
}

// Each line fits at every width, except code and words that are longer than the line. Colours change nothing but the
// backticks of code, which are left out with colours.
func TestLinesFitAtEveryWidth(t *testing.T) {
	longest := 0
	for word := range strings.FieldsSeq(Renderer{Width: 1000, Command: command}.Render(sample(t))) {
		longest = max(longest, len(word))
	}
	for width := minWidth; width <= 130; width++ {
		for _, color := range []bool{false, true} {
			text := Renderer{Width: width, Color: color, Command: command}.Render(sample(t))
			for line := range strings.Lines(text) {
				line = ansi.Strip(strings.TrimSuffix(line, "\n"))
				code := strings.Contains(line, "listen = ") || strings.Contains(line, "wtptui publish")
				if n := ansi.StringWidth(line); n > max(width, longest+codeIndent) && !code {
					t.Errorf("at width %d, %d cells: %q", width, n, line)
				}
				if strings.HasSuffix(line, " ") {
					t.Errorf("at width %d, blanks at the end of %q", width, line)
				}
			}
			if strings.Contains(text, "\x1b") != color {
				t.Errorf("at width %d, colour is %t:\n%s", width, color, text)
			}
		}
	}
}

func TestDefinitions(t *testing.T) {
	text := func(s string) []document.Block {
		return []document.Block{document.Paragraph{Text: document.Inline(s)}}
	}
	got := Renderer{Width: 44}.Render(document.Blocks{document.Definitions{
		{Term: document.Text("--json"), Blocks: text("print JSON")},
		{Term: document.Text("--listen HOST:PORT"), Blocks: text("address and port of the loopback server")},
		{Term: document.Text("--a-flag-that-is-too-long-for-the-column N"), Blocks: text("what it is")},
		{Term: document.Text("--nothing")},
	}})
	want := `  --json              print JSON
  --listen HOST:PORT  address and port of
                      the loopback server
  --a-flag-that-is-too-long-for-the-column N
                      what it is
  --nothing
`
	if got != want {
		t.Errorf("%s", got)
	}
}

func TestFitColumns(t *testing.T) {
	for _, test := range []struct {
		widest, least []int
		room          int
		want          string
	}{
		{[]int{5, 10}, []int{1, 1}, 40, "[5 10]"},
		{[]int{5, 90, 80}, []int{5, 9, 9}, 45, "[5 20 20]"},
		{[]int{5, 90, 80}, []int{5, 9, 30}, 45, "[5 10 30]"},
		{[]int{50, 50}, []int{50, 50}, 45, "[50 50]"},
	} {
		if got := fmt.Sprint(fitColumns(test.widest, test.least, test.room)); got != test.want {
			t.Errorf("%v in %d: %s, want %s", test.widest, test.room, got, test.want)
		}
	}
}
