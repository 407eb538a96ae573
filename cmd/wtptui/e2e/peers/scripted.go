package peers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"testing"
	"time"
)

// scripted is a process that runs one of this package's scripts: it reports JSON lines, one E each, on stdout, takes
// commands on stdin, and ends when stdin does.
type scripted[E any] struct {
	*process
	stdin   io.Writer
	reports *journal[E]
}

func startScripted[E any](t testing.TB, cmd *exec.Cmd) *scripted[E] {
	t.Helper()
	s := &scripted[E]{process: newProcess(cmd), reports: newJournal[E]()}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.stdin = stdin
	cmd.Stdout = &lineWriter{each: func(line []byte) {
		var report E
		if err := json.Unmarshal(line, &report); err != nil {
			fmt.Fprintf(s.stderr, "not a report (%v): %s\n", err, line)
			return
		}
		s.reports.add(report)
	}}
	s.start(t)
	return s
}

// waitReport returns the first report that matches, past or future. The test ends if none comes within limit or the
// process ends without one. what describes the report in that error.
func (s *scripted[E]) waitReport(t testing.TB, limit time.Duration, what string, match func(E) bool) E {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	report, err := s.reports.wait(ctx, s.exited, match)
	if err != nil {
		heard, _ := s.reports.all()
		t.Fatalf("peers: %s: waited %v for %s: %v; it reported:\n%+v", s, limit, what, err, heard)
	}
	return report
}

// send writes one command.
func (s *scripted[E]) send(t testing.TB, command any) {
	t.Helper()
	line, err := json.Marshal(command)
	if err == nil {
		_, err = s.stdin.Write(append(line, '\n'))
	}
	if err != nil {
		t.Fatalf("peers: %s: send %v: %v", s, command, err)
	}
}
