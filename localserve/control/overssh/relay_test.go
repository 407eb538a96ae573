package overssh

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// What another machine says comes as whole lines, and has no power over the terminal.
func TestCleanLines(t *testing.T) {
	var got strings.Builder
	c := &cleanLines{to: &got}
	for _, part := range []string{"on", "e\ntwo\x1b[2J \u202e\n\n", "thr", "ee"} {
		if n, err := c.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatalf("%q: %d, %v", part, n, err)
		}
	}
	c.end()
	if lines := strings.Split(got.String(), "\n"); len(lines) != 5 || lines[0] != "one" || lines[2] != "" || lines[3] != "three" ||
		!strings.HasPrefix(lines[1], "two") || strings.ContainsAny(lines[1], "\x1b\u202e") {
		t.Errorf("%q", got.String())
	}
	got.Reset()
	c = &cleanLines{to: &got}
	for range 40 {
		if _, err := io.WriteString(c, strings.Repeat("x", 8<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.line) > maxLine || strings.Count(got.String(), "\n") < 4 {
		t.Errorf("%d bytes wait for an end of their line", len(c.line))
	}
	c = &cleanLines{to: broken{}}
	if _, err := io.WriteString(c, "one\ntwo\n"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a writer that fails: %v", err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
