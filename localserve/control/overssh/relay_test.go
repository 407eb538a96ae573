package overssh

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// TestLineCleaner promises that output of another machine is written as whole lines without control characters.
func TestLineCleaner(t *testing.T) {
	var got strings.Builder
	c := &lineCleaner{out: &got}
	long := `{"a": "` + strings.Repeat("x", 5000) + `"}`
	for _, part := range []string{"on", "e\ntwo\x1b[2J \u202e\n\n", "  thr", "ee   four\n", long[:4000], long[4000:]} {
		if n, err := c.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatalf("%q: %d, %v", part, n, err)
		}
	}
	c.flush()
	if want := "one\ntwo[2J \n\n  three   four\n" + long + "\n"; got.String() != want {
		t.Errorf("%q", got.String())
	}
	c = &lineCleaner{out: io.Discard}
	endless := strings.Repeat("x", 1<<20)
	for i := 0; ; i++ {
		if _, err := io.WriteString(c, endless); err != nil {
			break
		}
		if i > maxLine>>20 {
			t.Fatal("a line without an end is buffered")
		}
	}
	c = &lineCleaner{out: failingWriter{}}
	if _, err := io.WriteString(c, "one\ntwo\n"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a writer that fails: %v", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
