//go:build !windows

package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Lines for the journal of systemd begin with their priority, and have no time in the text format.
func TestJournal(t *testing.T) {
	for format, want := range map[string]string{
		logText: "<6>level=INFO msg=serving url=x\n<4>level=WARN msg=starting who.a=b\n<3>level=ERROR msg=stopping\n",
		logJSON: "<6>{\"time\":\"\",\"level\":\"INFO\",\"msg\":\"serving\",\"url\":\"x\"}\n" +
			"<4>{\"time\":\"\",\"level\":\"WARN\",\"msg\":\"starting\",\"who\":{\"a\":\"b\"}}\n" +
			"<3>{\"time\":\"\",\"level\":\"ERROR\",\"msg\":\"stopping\"}\n",
	} {
		f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		written := func(stream string) string {
			t.Helper()
			if err := f.Truncate(0); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Seek(0, 0); err != nil {
				t.Fatal(err)
			}
			s := &settings{LogLevel: "info", LogFormat: format}
			log, _ := s.newLogger(f, func(string) string { return stream })
			log.Debug("unheard")
			log.Info("serving", "url", "x")
			log.WithGroup("who").With("a", "b").Warn("starting")
			log.Error("stopping")
			text, err := os.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		got := written(deviceAndInode(f))
		for line := range strings.Lines(got) { // JSON keeps the time, for readers elsewhere.
			if _, rest, ok := strings.Cut(line, `"time":"`); ok {
				at, _, _ := strings.Cut(rest, `"`)
				got = strings.ReplaceAll(got, at, "")
			}
		}
		if got != want {
			t.Errorf("%s: the journal gets\n%swant\n%s", format, got, want)
		}
		// Programs that a service starts inherit the variable.
		for _, stream := range []string{"", "1:2"} {
			if got := written(stream); strings.HasPrefix(got, "<") || !strings.Contains(got, "time") {
				t.Errorf("%s: others get\n%s", format, got)
			}
		}
	}
}

var _ slog.Handler = (*journalHandler)(nil)
